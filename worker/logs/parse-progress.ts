import { cutText } from './split-lines.ts'

/** `[progress] 0.42 epoch 5 of 12` or `[progress] 42% epoch 5 of 12`. */
const PATTERN = /^\[progress\]\s+(\d+(?:\.\d+)?|\.\d+)(%?)(?:\s+(.*))?$/
const MAX_NOTE_CHARS = 200

export interface ParsedProgress {
  /** 0 to 1. */
  readonly fraction: number
  readonly note: string
}

/** What a line of standard output says about progress; nothing for any other line. */
export function parseProgress(line: string): ParsedProgress | undefined {
  if (!line.startsWith('[progress]')) return undefined
  const match = PATTERN.exec(line.trim())
  if (match === null) return undefined
  const fraction = Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (fraction > 1) return undefined
  return { fraction, note: cutText(match[3] ?? '', MAX_NOTE_CHARS)[0] ?? '' }
}
