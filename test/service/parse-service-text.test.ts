import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../lib/registry/errors.ts'
import { parseServiceText } from '../../lib/service/parse-service-text.ts'
import { aServiceJson } from '../support/a-service.ts'

const TEXT = JSON.stringify(aServiceJson(), null, 2)

function messageOf(text: string): string {
  try {
    parseServiceText(text, 'my/service.json')
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code} ${error.message}`
    throw error
  }
  return ''
}

it('takes the text of a service.json, with or without a byte order mark', () => {
  const { name, version } = parseServiceText(TEXT, 'service.json')
  expect(name).toBe('digits')
  expect(parseServiceText(`\uFEFF${TEXT}`, 'service.json').version).toBe(version)
})

describe('text that is not JSON gets an answer with line and column', () => {
  const table: readonly [string, string, string][] = [
    ['nothing', '', ':1:1 ends too early: got the end of the file; allowed: a value'],
    [
      'a comma too few',
      '{\n  "a": 1\n  "b": 2\n}',
      ':3:3 is not JSON: got "\\""; allowed: "," or ',
    ],
    ['a comma too many', '{\n  "a": 1,\n}', ':3:1 closes behind a comma that separates nothing'],
    ['a comment', '{\n  // the name\n  "a": 1\n}', ':2:3 is a comment, and JSON has none'],
    ['a comment between', '{\n  "a": /* one */ 1\n}', ':2:8 is a comment, and JSON has none'],
    ['single quotes', "{'a': 1}", ':1:2 is not JSON: got "\'"; allowed: a key in double quotes'],
    ['a cut file', '{"a": {"b": 1', ':1:14 ends too early'],
    [
      'a key given twice',
      '{"a": {\n"b": 1, "c": {"b": 2}, "\\u0062": 3}}',
      ':2:24 is a key that its',
    ],
    [
      'a file that is no service.json',
      `"${'x'.repeat(1_048_576)}"`,
      ' is too long to be a service',
    ],
  ]
  it.each(table)('%s', (_what, text, expected) => {
    expect(messageOf(text)).toContain(`invalid-service-config my/service.json${expected}`)
  })
})

it('shows nothing of the text around a mistake: it may be the token', () => {
  const message = messageOf('{"token": hunter2-hunter2, "x": "hunter2-hunter2"}')
  expect(message).toContain(':1:11')
  expect(message).not.toContain('hunter2')
})

it('names the file in the message of any other mistake', () => {
  expect(messageOf('{"metadata": {}}')).toMatch(/my\/service\.json has \d mistakes/)
})
