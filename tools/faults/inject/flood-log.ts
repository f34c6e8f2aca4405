import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from '../arena.ts'
import { letFlood, readyToFlood } from '../flood-files.ts'
import type { Random } from '../../support/random.ts'

/** Until all processes have read of the fault. */
const SETTLE_MS = 500
/** The job's first wait, the two seconds for which its pipes are left unread, and time to cut. */
const FLOOD_MS = 5000

/** A job writes far more than a worker holds back, while its disk takes nothing. */
export async function floodLog(arena: Arena, random: Random): Promise<void> {
  const ready = readyToFlood(arena.effectsFile)
  if (ready.length === 0) return
  const end = arena.beginOutage('faulty')
  arena.control.set({ disk: { share: 1, delayMs: 0, code: 'ENOSPC', target: 'workers' } })
  await sleep(SETTLE_MS)
  if (tryFlood(arena, random.pick(ready))) {
    arena.fault('log: flooded while the disk is full')
    await sleep(FLOOD_MS)
  }
  arena.control.set({ disk: undefined })
  setTimeout(end, arena.timing.beat_seconds * 1000)
}

/** The job may have given up waiting. */
function tryFlood({ effectsFile }: Arena, jobId: string): boolean {
  try {
    letFlood(effectsFile, jobId)
    return true
  } catch {
    return false
  }
}
