/**
 * The beat thread: renews the leases of this worker's jobs on a thread and a table connection of its
 * own, so that neither a busy main loop nor a slow upload delays a beat. It stops beating when the
 * main loop no longer turns.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { BeatReport } from '../../lib/job/life/attempt.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { openStore, type WorkerStoreSettings } from './open-store.ts'
import type { BeatNews, BeatOrder, BeatThreadData } from '../beats/beat-messages.ts'
import { type BeaterDeps, renewLease } from '../beats/renew-lease.ts'

interface Renewal {
  report: BeatReport
  readonly ended: AbortController
}

const port = getPort()
const {
  store: settings,
  beatMs,
  aliveAt,
} = workerData as BeatThreadData & {
  readonly store: WorkerStoreSettings
}
const alive = new BigInt64Array(aliveAt)
const store = await openStore(settings, systemClock, 'beats')
const renewals = new Map<string, Renewal>()
const deps: BeaterDeps = {
  table: store.table,
  clock: systemClock,
  beatMs,
  mainSilentMs: () => systemClock.monotonicMs() - Number(Atomics.load(alive, 0)),
  tell: (news: BeatNews) => port.postMessage(news),
}

port.on('message', (order: BeatOrder) => follow(order))
deps.tell({ is: 'up' })

function follow(order: BeatOrder): void {
  switch (order.do) {
    case 'watch': {
      const entry: Renewal = { report: {}, ended: new AbortController() }
      renewals.set(order.watched.key, entry)
      const how = { report: () => entry.report, signal: entry.ended.signal }
      void renewLease(deps, order.watched, how)
      return
    }
    case 'report': {
      const entry = renewals.get(order.key)
      if (entry !== undefined) entry.report = order.report
      return
    }
    case 'end':
      renewals.get(order.key)?.ended.abort()
      renewals.delete(order.key)
      return
    case 'close':
      for (const entry of renewals.values()) entry.ended.abort()
      void store.close().finally(() => port.close())
  }
}

function getPort(): MessagePort {
  if (parentPort === null) throw new Error('the beat thread is not a program of its own')
  return parentPort
}
