import { stripVTControlCharacters, styleText } from 'node:util'
import type { CliIo, CliOutput } from './io.ts'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours text for a terminal, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Colours only on a terminal, and not where `NO_COLOR` is set (https://no-color.org). */
export function makePaint(output: CliOutput, env: CliIo['env']): Paint {
  const off = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || output.isTTY !== true
  if (off) return (_style, text) => text
  return (style, text) => styleText(style, text, { validateStream: false })
}

const STATUS_STYLES: Readonly<Record<string, Style>> = {
  queued: 'yellow',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  canceled: 'dim',
  idle: 'green',
  busy: 'cyan',
  starting: 'yellow',
  draining: 'dim',
}

/** A job's status or a worker's state in its colour. */
export function paintStatus(paint: Paint, status: string): string {
  const style = STATUS_STYLES[status]
  return style === undefined ? status : paint(style, status)
}

/**
 * Text from outside (log lines, tags, notes of a model server) without control characters, so that
 * it cannot move the cursor, hide lines or rename the window of the reader's terminal. Tabs stay.
 */
export function printable(text: string): string {
  // Escape sequences go whole, so that colours of a program do not leave `[31m` behind.
  return stripVTControlCharacters(text).replaceAll(CONTROL, '')
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g
