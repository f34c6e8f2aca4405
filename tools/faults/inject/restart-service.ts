import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from '../arena.ts'
import type { Random } from '../../support/random.ts'

/** The stop time, the margin behind it, and what ending leftovers may take. */
const MAX_STOP_MS = 90_000
/** A worker that hangs would hold it up for the whole stop time. */
const PATIENCE_MS = 8000
const MAX_STARTS = 10
const START_PAUSE_MS = 1000
const MAX_AWAY_MS = 2000
/** After a start the jobs of before are found lost; that is still the restart's doing. */
const AFTERMATH_MS = 5000

/** `kill -9` of the service, and a start on the same state folder. */
export async function killService(arena: Arena, random: Random): Promise<void> {
  arena.fault('service: SIGKILL')
  await restart(arena, random, () => arena.service.kill())
}

/** Ctrl-C, once more when that takes long, and a start. */
export async function stopService(arena: Arena, random: Random): Promise<void> {
  arena.fault('service: SIGINT')
  await restart(arena, random, () => stopInTime(arena))
}

/** A new worker version: another service.json, and a restart that brings it. */
export async function rollVersion(arena: Arena, random: Random): Promise<void> {
  arena.fault('new worker version')
  arena.rollVersion()
  await (random.chance(0.5) ? killService(arena, random) : stopService(arena, random))
}

/** A service that does not go is killed, and the ledger has it. */
async function stopInTime(arena: Arena): Promise<void> {
  const { pid } = arena.service
  const late = setTimeout(() => {
    const why = 'the service did not stop when it was told to'
    arena.ledger.record({ what: 'untrue', at: Date.now(), jobId: 'all', why })
    process.kill(pid, 'SIGKILL')
  }, MAX_STOP_MS)
  const again = setTimeout(() => process.kill(pid, 'SIGINT'), PATIENCE_MS)
  await arena.service.stop()
  clearTimeout(late)
  clearTimeout(again)
}

async function restart(arena: Arena, random: Random, end: () => Promise<void>): Promise<void> {
  const endOutage = arena.beginOutage('down')
  const endAbsence = arena.beginOutage('away')
  await end()
  await sleep(random.int(0, MAX_AWAY_MS))
  await start(arena)
  endAbsence()
  setTimeout(endOutage, AFTERMATH_MS)
}

/** On a broken disk it may not come up; whoever runs it tries again. */
async function start(arena: Arena): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await arena.service.start()
      return
    } catch (error) {
      if (tries === MAX_STARTS) throw error
      await sleep(START_PAUSE_MS)
    }
  }
}
