import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

const TOUCH_MS = 5000

/** Touched by the worker's main loop, so that its age says how long that loop has been stuck. */
function aliveFileOf(workRoot: string): string {
  return join(workRoot, 'alive')
}

/** Keeps the file young for as long as the main loop turns. */
export async function keepAlive(workRoot: string): Promise<void> {
  await mkdir(workRoot, { recursive: true })
  const path = aliveFileOf(workRoot)
  writeFileSync(path, '')
  const touch = (): void => {
    const now = new Date()
    try {
      utimesSync(path, now, now)
    } catch {
      // A full or broken disk ends jobs with a reason of their own; it must not end the worker here.
    }
  }
  setInterval(touch, TOUCH_MS).unref()
}

/** For how long the main loop has been stuck; nothing where no worker has started yet. */
export function stuckSeconds(workRoot: string, nowMs: number): number | undefined {
  const seen = statSync(aliveFileOf(workRoot), { throwIfNoEntry: false })
  return seen === undefined ? undefined : (nowMs - seen.mtimeMs) / 1000
}
