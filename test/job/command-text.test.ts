import { describe, expect, test } from 'vitest'
import { commandSchema } from '../../lib/api/contract/submit-body.ts'
import { findCommandMistake } from '../../lib/job/command-text.ts'

describe('a command line', () => {
  test.each([
    ['a word', 'true', undefined],
    ['words after white space', ' \n\u2003echo hi', undefined],
    ['a script of several lines', 'set -e\necho é 漢 🎉\n', undefined],
    ['nothing', '', 'is empty'],
    ['white space of every kind', '\t\n\v\f\r \u00a0\u1680\u2000\u2028\u3000\ufeff', 'is empty'],
    ['a NUL', 'echo \0', 'has a NUL character'],
  ])('that is %s: API and worker agree', (_what, text, mistake) => {
    expect(findCommandMistake(Buffer.from(text))).toBe(mistake)
    expect(commandSchema.safeParse(text).success).toBe(mistake === undefined)
  })

  test('is UTF-8', () => {
    expect(findCommandMistake(Buffer.from([0x65, 0xff]))).toBe('is not UTF-8')
  })

  test('may be long', () => {
    expect(findCommandMistake(Buffer.alloc(3_000_000, 'x'))).toBeUndefined()
    expect(findCommandMistake(Buffer.alloc(3_000_000, ' '))).toBe('is empty')
  })
})
