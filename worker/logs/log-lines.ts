import type { Readable } from 'node:stream'
import type { Log } from '../../lib/ports/log.ts'
import { LineSplitter } from './split-lines.ts'

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
