import { guardPids } from '../../../test/support/processes.ts'
import type { Arena } from '../arena.ts'
import type { Random } from '../../support/random.ts'
import { livingWorkers } from '../watch/worker-records.ts'

const AFTERMATH_MS = 5000

/** SIGKILL of one guard: its worker lives on, and must end what the guard ran. */
export async function killGuard(arena: Arena, random: Random): Promise<void> {
  const guards = livingWorkers(arena.workersFile).flatMap(({ pid, taskId }) => {
    return guardPids(pid).map((guard) => ({ guard, taskId }))
  })
  if (guards.length === 0) return
  const { guard, taskId } = random.pick(guards)
  const end = arena.beginOutage('down', taskId)
  try {
    process.kill(guard, 'SIGKILL')
    arena.fault('guard: SIGKILL', taskId)
  } catch {
    // It has gone by itself.
  }
  setTimeout(end, AFTERMATH_MS)
}
