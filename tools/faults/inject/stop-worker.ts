import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../stage.ts'
import type { Random } from '../../support/random.ts'
import { noticeLoss } from '../watch/notice-loss.ts'
import { pickWorker, type Victim } from './pick-worker.ts'

const MAX_TRIES = 60
const TRY_MS = 500

/** A worker that hangs and comes back: SIGSTOP, and SIGCONT well before its leases lapse. */
export async function stopWorkerBriefly(arena: Stage, random: Random): Promise<void> {
  const worker = await pickWorker(arena, random)
  if (worker === undefined) return
  const leaseMs = arena.timing.lease_seconds.query * 1000
  await whileStopped(arena, worker, () => sleep(random.int(leaseMs / 10, leaseMs / 2)))
  arena.fault('worker: SIGSTOP, shorter than the lease', worker.taskId)
}

/** A worker that hangs for longer than any lease, and comes back when its jobs run elsewhere. */
export async function stopWorkerBeyondLease(arena: Stage, random: Random): Promise<void> {
  const worker = await pickWorker(arena, random)
  if (worker !== undefined) await hangBeyondLease(arena, worker)
}

/**
 * The same of a busy worker while the campaign leaves the service, the scaler and their stores alone,
 * so that it shows how long the service itself takes to notice.
 */
export async function stopWorkerUndisturbed(arena: Stage, random: Random): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const isQuiet = !arena.outages.some(({ taskId, untilMs, kind }) => {
      return taskId === undefined && kind !== 'faulty' && untilMs > Date.now()
    })
    const worker = isQuiet ? await pickWorker(arena, random) : undefined
    if (worker !== undefined && worker.attempts.length > 0) return hangBeyondLease(arena, worker)
    await sleep(TRY_MS)
  }
}

async function hangBeyondLease(arena: Stage, worker: Victim): Promise<void> {
  const { attempts } = worker
  const { command } = arena.timing.lease_seconds
  const stopMs = (command + 3 * arena.timing.look_seconds) * 1000
  await whileStopped(arena, worker, async (atMs) => {
    const death = { how: 'hung', workerId: worker.workerId, atMs } as const
    void Promise.all(attempts.map((attempt) => noticeLoss(arena, attempt, death)))
    await sleep(stopMs)
  })
  arena.fault('worker: SIGSTOP, beyond the lease', worker.taskId)
}

async function whileStopped(
  arena: Stage,
  { pid, taskId }: Victim,
  wait: (atMs: number) => Promise<void>,
): Promise<void> {
  const end = arena.beginOutage('down', taskId)
  try {
    process.kill(pid, 'SIGSTOP')
    await wait(Date.now())
    process.kill(pid, 'SIGCONT')
  } catch {
    // It has gone: killed by another fault.
  }
  // What it then gives up, it gives up within moments.
  setTimeout(end, arena.timing.beat_seconds * 1000)
}
