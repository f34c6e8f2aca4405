import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTable } from '../../lib/cli/format-table.ts'
import { formatBytes, formatSpan } from '../../lib/console/page/elements/format-units.js'
import { printable } from '../../lib/cli/paint.ts'
import { quoteWords } from '../../lib/cli/make-job.ts'
import { propertyRuns } from '../support/property-runs.ts'

describe('quoteWords', () => {
  test('a shell reads exactly the words that were given', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 12 })
    const safe = word.filter(
      (text) => !text.includes('\u0000') && Buffer.from(text).toString() === text,
    )
    fc.assert(
      fc.property(fc.array(safe, { minLength: 1, maxLength: 4 }), (words) => {
        const script = `printf '%s\\0' ${quoteWords(words)}`
        const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
        expect(stdout.split('\u0000').slice(0, -1)).toEqual(words)
      }),
      propertyRuns(25),
    )
  })
})

describe('units', () => {
  test.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [250, '4 min 10 s'],
    [3600, '1 h'],
    [7500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
    [86_460, '1 d'],
    [-5, '0 s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text)
  })

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

test('printable text has no control character left, whatever came in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // eslint-disable-next-line no-control-regex -- control characters are what it looks for
      expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/)
    }),
    propertyRuns(100),
  )
})

test('a table has columns as wide as their widest cell, whatever colours it has', () => {
  const rows = [
    ['a', '\u001b[31mred\u001b[39m', 'x'],
    ['long', 'b'],
  ]
  expect(formatTable(['ID', 'B', 'END'], rows)).toBe(
    'ID    B    END\na     \u001b[31mred\u001b[39m  x\nlong  b\n',
  )
})
