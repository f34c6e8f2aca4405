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

it('takes comments, and commas behind the last entry', () => {
  const { version } = parseServiceText(TEXT, 'service.json')
  const commented = TEXT.replace('{', '{ // the "service" [\n /* {\n */').replace(
    /\}$/,
    ',} // end',
  )
  expect(parseServiceText(commented, 'service.json').version).toBe(version)
})

it.each([
  ['before the first bracket', '// my service\n/* of\r\n mine */', '', ''],
  ['behind the first bracket', '', ' /* one */ // two\n// three\n', ''],
  ['before the last bracket', '', '', ' /* one *//* two */'],
  ['in all of these places', '/**/', '/* * / */', '// é 😀\n/* four */\r\n'],
])('takes comments %s', (_where, before, first, last) => {
  const commented = `${before}{${first}${TEXT.slice(1, -1)}${last}}`
  const { version } = parseServiceText(TEXT, 'service.json')
  expect(parseServiceText(commented, 'service.json').version).toBe(version)
})

it('keeps comment signs that stand in text', () => {
  const containers = [{ image: 'http://a/*b*/' }]
  const json = JSON.stringify({ ...aServiceJson(), containers })
  expect(parseServiceText(json, 'service.json').container.image).toBe('http://a/*b*/')
})

describe('text that is not JSON gets an answer with line and column', () => {
  const table: readonly [string, string, string][] = [
    ['nothing', '', ':1:1 ends too early: got the end of the text; allowed: a value'],
    [
      'a comma too few',
      '{\n  "a": 1\n  "b": 2\n}',
      ':3:3 is not JSON: got "\\""; allowed: "," or the closing bracket',
    ],
    [
      'two commas',
      '{\n  "a": 1,,\n}',
      ':2:10 is not JSON: got ","; allowed: a key in double quotes',
    ],
    ['no comma behind a comment', '{ // a\n "a": 1 /* b\n */ "b": 2}', ':3:5 is not JSON: got'],
    [
      'a mistake behind comments on their own lines',
      '// a\n{\n  // b\n  // c\n  "a": x\n}',
      ':5:8 is not JSON: got "x"; allowed: a value',
    ],
    ['a comment without an end', '{ /* a', ':1:7 ends too early'],
    ['single quotes', "{'a': 1}", ':1:2 is not JSON: got "\'"; allowed: a key in double quotes'],
    ['a word', '{"a": yes}', ':1:7 is not JSON: got "y"; allowed: a value'],
    [
      'a word behind text with an escape',
      '{"a":"\\n" x}',
      ':1:11 is not JSON: got "x"; allowed: ","',
    ],
    ['a number that is none', '{"a": 1.}', ':1:7 is not JSON: got "1"; allowed: a number such as'],
    ['text over two lines', '{"a": "b\nc"}', ':1:7 is text without an end'],
    ['a wrong escape', '{"a": "\\x"}', ':1:7 is text with a wrong escape in it'],
    ['a tab in text', '{"a": "\t"}', ':1:7 is text with a control character in it'],
    ['two values', '{} {}', ':1:4 is not JSON: got "{"; allowed: the end of the text'],
    ['a cut file', '{"a": {"b": 1', ':1:14 ends too early'],
    [
      'a key given twice',
      '{"a": {\n"b": 1, "c": {"b": 2}, "\\u0062": 3}}',
      ':2:24 is a duplicate key: got "b"; allowed: each key once in an object',
    ],
    ['a prototype given twice', '{"__proto__": 1, "__proto__": 2}', ':1:18 is a duplicate key'],
    [
      '65 levels',
      '['.repeat(65) + ']'.repeat(65),
      ' is nested too deeply: got more than 64 levels',
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

  it('64 levels are not too many', () => {
    expect(messageOf('['.repeat(64) + ']'.repeat(64))).not.toContain('deep')
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
