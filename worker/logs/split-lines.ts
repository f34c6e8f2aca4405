import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'
import type { Log } from '../../lib/ports/log.ts'

/** A longer line is cut into parts of this many characters, each a line of its own. */
export const MAX_LINE_CHARS = 65_536

/**
 * Cuts a stream of bytes into lines. `\n`, `\r\n` and a lone `\r` end a line: progress bars draw
 * over themselves with `\r`, and would otherwise be one line of many megabytes at the very end.
 * Bytes that are not UTF-8 become U+FFFD; characters cut between two reads are put together.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  #partial = ''
  #endedWithReturn = false

  push(bytes: Buffer): string[] {
    return this.#split(this.#decoder.write(bytes))
  }

  /** The rest, when the stream has ended without a line end. */
  end(): string[] {
    const lines = this.#split(this.#decoder.end())
    if (this.#partial !== '') lines.push(this.#partial)
    this.#partial = ''
    return lines
  }

  #split(text: string): string[] {
    if (text === '') return []
    // "\r" at the end of one read and "\n" at the start of the next are one line end.
    const fresh = this.#endedWithReturn && text.startsWith('\n') ? text.slice(1) : text
    this.#endedWithReturn = text.endsWith('\r')
    const parts = fresh.split(/\r\n|\n|\r/)
    parts[0] = this.#partial + (parts[0] ?? '')
    const last = cutText(parts.pop() ?? '', MAX_LINE_CHARS)
    this.#partial = last.pop() ?? ''
    return [...parts.flatMap((part) => cutText(part, MAX_LINE_CHARS)), ...last]
  }
}

/** Parts of at most so many characters, at least one; never cut between the halves of a character. */
export function cutText(text: string, maxChars: number): string[] {
  if (text.length <= maxChars) return [text]
  const parts: string[] = []
  for (let start = 0; start < text.length;) {
    const end = endOfPart(text, start + maxChars)
    parts.push(text.slice(start, end))
    start = end
  }
  return parts
}

/** A character beyond U+FFFF has two halves. */
function endOfPart(text: string, end: number): number {
  const code = text.charCodeAt(end - 1)
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end
}

const SHOWN_CHARS = 4000

/** Passes on what the model server or the init command writes to the worker's own log. */
export function logLines(
  log: Log,
  what: 'model server says' | 'init command says',
  sources: Readonly<Record<'stdout' | 'stderr', Readable>>,
): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const splitter = new LineSplitter()
    const say = (lines: readonly string[]): void => {
      for (const text of lines) log.info(what, { stream, text: text.slice(0, SHOWN_CHARS) })
    }
    sources[stream].on('data', (bytes: Buffer) => say(splitter.push(bytes)))
    sources[stream].on('close', () => say(splitter.end()))
    sources[stream].on('error', () => undefined) // the guard tells how it ended
  }
}
