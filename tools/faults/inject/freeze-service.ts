import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from '../arena.ts'
import type { Random } from '../../support/random.ts'

/**
 * SIGSTOP of the service, which is API, scaler and supervisor at once, for two and a half periods of
 * the scaler. The workers go on, and what the scaler then remembers is too old. Where it is stopped in
 * the middle of a write it holds the lock of the stores meanwhile, and a worker that cannot store a
 * result before its lease is over gives the job back.
 */
export async function freezeService(arena: Arena, random: Random): Promise<void> {
  const { pid } = arena.service
  if (pid === 0) return
  arena.fault('service: SIGSTOP for longer than two looks')
  const periodMs = arena.timing.look_seconds * 1000
  const ends = [arena.beginOutage('away'), arena.beginOutage('faulty')]
  process.kill(pid, 'SIGSTOP')
  await sleep(random.int(2.2 * periodMs, 2.8 * periodMs))
  process.kill(pid, 'SIGCONT')
  for (const end of ends) end()
}
