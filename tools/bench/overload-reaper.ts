import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Job, toTimestamp } from '../../lib/job/job.ts'
import { dueHash, statusHash } from '../../lib/job/keys.ts'
import { type Embedded, openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { fillWaiting } from './overload-fill.ts'
import { measureLooks } from './overload-looks.ts'

const PAST = toTimestamp(Date.now() - 3_600_000)
const MAX_LOOKS = 1000

interface Case {
  readonly what: string
  readonly withMessages: boolean
  readonly change: (job: Job) => Job
  /** Whether something is left to do. */
  readonly isLeft: (stores: Embedded) => Promise<boolean>
}

const isDue = (kind: 'ready' | 'notify') => async (stores: Embedded) => {
  const query = { index: 'byDue', hash: dueHash(kind), limit: 1 } as const
  const { hits } = await stores.table.queryIndex({ ...query, upTo: toTimestamp(Date.now()) })
  return hits.length > 0
}

const CASES: readonly Case[] = [
  {
    what: 'messages due again in a long queue',
    withMessages: true,
    change: (job) => ({ ...job, readyAt: PAST }),
    isLeft: isDue('ready'),
  },
  {
    what: 'first messages that were never sent',
    withMessages: false,
    change: (job) => ({ ...job, readyAt: PAST, readySent: 0 }),
    isLeft: isDue('ready'),
  },
  {
    what: 'jobs that expire at the same moment',
    withMessages: true,
    change: (job) => ({
      ...job,
      acceptedAt: PAST,
      queuedAt: PAST,
      limits: { ...job.limits, queueSeconds: 60 },
    }),
    isLeft: async (stores) => {
      const queued = { index: 'byStatus', hash: statusHash('queued'), limit: 1 } as const
      const isUntold = await isDue('notify')(stores)
      return isUntold || (await stores.table.queryIndex(queued)).hits.length > 0
    },
  },
  {
    what: 'ends that the output queue has not got',
    withMessages: false,
    change: ({ readyAt: _readyAt, ...job }) => ({
      ...job,
      status: 'canceled',
      endedAt: PAST,
      notifyAt: PAST,
      end: { reason: 'canceled-by-user', message: 'canceled' },
    }),
    isLeft: isDue('notify'),
  },
]

/** How many looks it takes to clear up after `count` jobs, and how long the longest of them is. */
export async function measureReaper(serviceFile: string, count: number): Promise<string[][]> {
  const rows: string[][] = []
  for (const each of CASES) rows.push(await measureCase(each, serviceFile, count))
  return rows
}

async function measureCase(one: Case, serviceFile: string, count: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'scalable-job-reaps-'))
  const stateDir = join(folder, 'state')
  mkdirSync(stateDir)
  const stores = openEmbedded({ stateDir, clock: systemClock })
  await fillWaiting(stores, { serviceFile, count, ...one })
  let looks = 0
  let longestMs = 0
  let totalMs = 0
  while ((await one.isLeft(stores)) && looks < MAX_LOOKS) {
    const { timing } = await measureLooks(stores, serviceFile, 1)
    longestMs = Math.max(longestMs, timing.p99)
    totalMs += timing.p99
    looks += 1
  }
  await stores.close()
  rmSync(folder, { recursive: true, force: true })
  const perLook = Math.round(count / looks)
  const rate = `${Math.round((count / totalMs) * 1000)} /s`
  return [one.what, String(looks), String(perLook), `${longestMs.toFixed(0)} ms`, rate]
}
