import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TOUCH_MS = 5000

/** Touched by the worker's main loop, so that its age says how long that loop has been stuck. */
function aliveFileOf(workRoot: string): string {
  return join(workRoot, 'alive')
}

/**
 * Touches the file for as long as the main loop turns. Workers of one machine share it; only the
 * health check of a container looks at it.
 */
export function reportAlive(workRoot: string): void {
  const touch = (): void => {
    try {
      touchFile(workRoot)
    } catch {
      // A full or broken disk ends jobs with a reason of their own; it must not end the worker here.
    }
  }
  touch()
  setInterval(touch, TOUCH_MS).unref()
}

function touchFile(workRoot: string): void {
  const path = aliveFileOf(workRoot)
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    mkdirSync(workRoot, { recursive: true })
    writeFileSync(path, '')
  }
  const now = new Date()
  utimesSync(path, now, now)
}

/** For how long the main loop has been stuck; nothing where no worker has started yet. */
export function stuckSeconds(workRoot: string, nowMs: number): number | undefined {
  const seen = statSync(aliveFileOf(workRoot), { throwIfNoEntry: false })
  return seen === undefined ? undefined : (nowMs - seen.mtimeMs) / 1000
}
