import { StringDecoder } from 'node:string_decoder'

/** A longer line is cut into parts of this many characters, each a line of its own. */
export const MAX_LINE_CHARS = 65_536

/**
 * Cuts a stream of bytes into lines. `\n`, `\r\n` and a lone `\r` end a line: progress bars draw
 * over themselves with `\r`, and would otherwise be one line of many megabytes at the very end.
 * Bytes that are no UTF-8 become U+FFFD; characters cut between two reads are put together.
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
    const last = cutLongLine(parts.pop() ?? '')
    this.#partial = last.pop() ?? ''
    return [...parts.flatMap(cutLongLine), ...last]
  }
}

function cutLongLine(line: string): string[] {
  if (line.length <= MAX_LINE_CHARS) return [line]
  const parts: string[] = []
  for (let start = 0; start < line.length;) {
    const end = endOfPart(line, start + MAX_LINE_CHARS)
    parts.push(line.slice(start, end))
    start = end
  }
  return parts
}

/** Never between the two halves of a character beyond U+FFFF. */
function endOfPart(line: string, end: number): number {
  const code = line.charCodeAt(end - 1)
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end
}
