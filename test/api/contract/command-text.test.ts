import { describe, expect, it } from 'vitest'
import { commandSchema } from '../../../lib/api/contract/submit-body.ts'

const LONG = 4_000_000

describe('the text of a command', () => {
  it.each(['ls', ' \n ls', 'ls \n', '\u00a0x\u3000', 'a\tb'])('may be %j', (text) => {
    expect(commandSchema.safeParse(text).success).toBe(true)
  })

  it.each(['', ' \t\r\n', '\u00a0\u3000\ufeff', '\0', 'ls\0', '\0ls', ' \0', 'l\0s'])(
    'may not be %j',
    (text) => {
      expect(commandSchema.safeParse(text).success).toBe(false)
    },
  )

  it.each([
    ['NUL at its end', `${'a'.repeat(LONG)}\0`],
    ['NUL behind white space', `${' '.repeat(LONG)}\0`],
    ['nothing but white space', ' '.repeat(LONG)],
  ])('is refused at once however long it is, with %s', (_what, text) => {
    const startedMs = performance.now()
    expect(commandSchema.safeParse(text).success).toBe(false)
    // One reading takes a moment; one for each of its characters would take hours.
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })
})
