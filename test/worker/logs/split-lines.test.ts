import { describe, expect, it } from 'vitest'
import { LineSplitter, MAX_LINE_CHARS } from '../../../worker/logs/split-lines.ts'

function split(...pieces: (string | number[])[]): string[] {
  const splitter = new LineSplitter()
  const lines = pieces.flatMap((piece) => splitter.push(Buffer.from(piece as string)))
  return [...lines, ...splitter.end()]
}

describe('a stream of output', () => {
  it('is cut at line ends, the last line without one included', () => {
    expect(split('a\nb\n\nc')).toEqual(['a', 'b', '', 'c'])
  })

  it('may be cut anywhere without a change to its lines', () => {
    const text = 'one\r\ntwo\rthree €\n'
    const bytes = [...Buffer.from(text)]
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(split(bytes.slice(0, at), bytes.slice(at))).toEqual(['one', 'two', 'three €'])
    }
  })

  it('shows each step of a progress bar that draws over itself', () => {
    expect(split('10%\r20%\r', '30%\n')).toEqual(['10%', '20%', '30%'])
  })

  it('has U+FFFD where its bytes are no UTF-8', () => {
    expect(split([0x61, 0xff, 0x62, 0x0a])).toEqual(['a\uFFFDb'])
  })

  it('has very long lines cut into parts, never through a character', () => {
    const long = `${'x'.repeat(MAX_LINE_CHARS - 1)}😀${'y'.repeat(MAX_LINE_CHARS)}`
    const parts = split(long.slice(0, 100_000), long.slice(100_000), '\n')
    expect(parts.join('')).toBe(long)
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(MAX_LINE_CHARS)
    expect(parts.every((part) => part.isWellFormed())).toBe(true)
  })

  it('holds no more than one part of a line that never ends', () => {
    const splitter = new LineSplitter()
    let parts = 0
    for (let piece = 0; piece < 100; piece += 1)
      parts += splitter.push(Buffer.alloc(65_536, 'x')).length
    expect(parts).toBe(99)
  })
})
