import { scalerKey } from '../../job/keys.ts'
import type { Clock } from '../../ports/clock.ts'
import { isNumber } from '../../parsing/checks.ts'
import type { Table } from '../../ports/table.ts'

/** At most one look per this time comes from kicks. */
const KICK_WINDOW_MS = 2000
const MAX_ROUNDS = 4

/**
 * - now: look at once
 * - later: this caller does the one trailing look of the window, at `whenMs` (since 1970)
 * - covered: a look that begins after this moment is already promised by somebody else
 */
export type KickAnswer =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly whenMs: number }
  | { readonly kind: 'covered' }

interface KickRow {
  readonly lastAtMs: number
  readonly trailingAtMs?: number
  /** A kick met the lock: its holder looks once more. */
  readonly again?: boolean
}

/**
 * May this kick look? A kick inside the window of another is not lost: the first of them does one
 * look at the window's end, the others are covered by it. A promise that was never kept (its process
 * died) ends with its window.
 *
 * @throws PortUnavailable when the table does not answer; the next look comes by the clock
 */
export async function requestKick(table: Table, clock: Clock): Promise<KickAnswer> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { row, rev } = await readKick(table)
    const nowMs = clock.now()
    const { answer, next } = answerKick(row, nowMs)
    if (next === undefined || (await writeKick(table, next, rev))) return answer
  }
  // Each write was refused: others kicked at the same moment, and one of them looks.
  return { kind: 'covered' }
}

function answerKick(row: KickRow, nowMs: number): { answer: KickAnswer; next?: KickRow } {
  const { trailingAtMs: _trailing, ...rest } = row
  const sinceMs = nowMs - row.lastAtMs
  if (sinceMs >= KICK_WINDOW_MS || sinceMs < 0) {
    return { answer: { kind: 'now' }, next: { ...rest, lastAtMs: nowMs } }
  }
  if (row.trailingAtMs !== undefined) return { answer: { kind: 'covered' } }
  const whenMs = row.lastAtMs + KICK_WINDOW_MS
  return { answer: { kind: 'later', whenMs }, next: { ...rest, trailingAtMs: whenMs } }
}

/** Asks the holder of the lock to look once more when it is done. */
export async function markAgain(table: Table): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { row, rev } = await readKick(table)
    if (row.again === true || (await writeKick(table, { ...row, again: true }, rev))) return
  }
}

/** Takes the mark away, and says whether there was one. */
export async function takeAgain(table: Table): Promise<boolean> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { row, rev } = await readKick(table)
    if (row.again !== true) return false
    const { again: _again, ...rest } = row
    if (await writeKick(table, rest, rev)) return true
  }
  return true
}

async function readKick(table: Table): Promise<{ row: KickRow; rev?: number }> {
  const found = await table.get(scalerKey('kick'))
  if (found === undefined) return { row: { lastAtMs: 0 } }
  const { lastAtMs, trailingAtMs, again } = found.data
  const row = {
    lastAtMs: isNumber(lastAtMs) ? lastAtMs : 0,
    ...(isNumber(trailingAtMs) && { trailingAtMs }),
    ...(again === true && { again }),
  }
  return { row, rev: found.rev }
}

async function writeKick(table: Table, row: KickRow, rev: number | undefined): Promise<boolean> {
  const outcome = await table.write([
    {
      kind: 'put',
      key: scalerKey('kick'),
      data: { ...row },
      expect: rev === undefined ? 'absent' : { rev },
    },
  ])
  return outcome.ok
}
