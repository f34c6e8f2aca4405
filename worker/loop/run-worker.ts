/**
 * The life of a worker:
 *
 *     starting ──init command done, model server answers──► idle ⇄ busy
 *        │                                                   │
 *        └── three failed starts ──► exit 1                  └── SIGTERM ──► draining ──► exit 0
 *
 * A drain order of the scaler makes it `draining` too, but it stays, and goes back to work when the
 * order expires. What happens to a job is in `take-message.ts` and `run-job.ts`, how the worker
 * gets ready in `get-ready.ts`, its end in `drain.ts`.
 */
import { removeFolder, removeOrphanedFolders, workerFolder } from '../run/attempt-folder.ts'
import { drain } from './drain.ts'
import { getReady } from './get-ready.ts'
import { refreshRow } from '../row/refresh-row.ts'
import { Receiver } from './receiver.ts'
import { RunningWorker } from './running-worker.ts'
import type { WorkerDeps, WorkerExit } from './worker-deps.ts'

/**
 * Runs a worker until it is told to stop, or cannot work.
 *
 * @throws PortUnavailable when the table cannot be reached at the start
 */
export async function runWorker(deps: WorkerDeps): Promise<WorkerExit> {
  await removeOrphanedFolders(deps.workRoot)
  const worker = new RunningWorker(deps, workerFolder(deps.workRoot, deps.workerId))
  const ending = new AbortController()
  const loops: Promise<void>[] = []
  try {
    await worker.row.write()
    deps.log.info('worker started', { version: deps.version })
    loops.push(refreshRow(worker, ending.signal), worker.protection.run(ending.signal))
    return await work(worker)
  } finally {
    ending.abort()
    await close(worker, loops)
    deps.log.info('worker stopped')
  }
}

async function work(worker: RunningWorker): Promise<WorkerExit> {
  const receivers = worker.deps.service.taskTypes.map((type) => new Receiver(worker, type))
  const receiving = Promise.all(receivers.map((receiver) => receiver.run()))
  const allEnded = receiving.then(() => worker.acker.close())
  try {
    const why = await Promise.race([untilStopped(worker), getReady(worker)])
    return why === 'stopped' ? { code: 0, why } : { code: 1, why }
  } finally {
    worker.stopReceiving()
    await drain(worker, allEnded)
  }
}

function untilStopped({ deps, isStopping }: RunningWorker): Promise<'stopped'> {
  return new Promise((resolve) => {
    const settle = (): void => resolve('stopped')
    if (isStopping) settle()
    for (const signal of [deps.stop, deps.abandon]) {
      signal.addEventListener('abort', settle, { once: true })
    }
  })
}

/** Ends whatever still runs; the row goes last. */
async function close(worker: RunningWorker, loops: readonly Promise<void>[]): Promise<void> {
  await worker.readiness.model?.close()
  await worker.protection.releaseNow()
  await Promise.all(loops)
  await worker.guards.close()
  await worker.credentials.close()
  await worker.leases.close()
  await removeFolder(worker.folder)
  await worker.row.remove().catch((error: unknown) => {
    worker.deps.log.warn('worker row not removed', { error: String(error) })
  })
}
