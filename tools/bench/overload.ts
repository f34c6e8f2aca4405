/**
 * `npm run bench:overload`: what the service feels like when far more waits than its workers take,
 * each figure beside the same one with little waiting. docs/performance.md says what they mean.
 *
 * `npm run bench:overload -- 100000 100`: so many waiting jobs, and so many for the baseline.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatTable } from '../../lib/cli/format-table.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { residentMib } from './bench-service.ts'
import { timeOnce } from './measure.ts'
import { measureCrowd } from './overload-crowd.ts'
import { fillOutput, fillWaiting } from './overload-fill.ts'
import { measureLooks } from './overload-looks.ts'
import { measureBurst, measureRequests } from './overload-requests.ts'
import { OverloadService } from './overload-service.ts'
import { measureReaper } from './overload-reaper.ts'

const [MANY = 100_000, FEW = 100] = process.argv.slice(2).map(Number)
const DRAIN_SECONDS = 5

/** In the order in which they were measured. */
type Column = Map<string, number>

const few = await measureWith(FEW)
const many = await measureWith(MANY)
const rows = [...many].map(([what, value]) => {
  const base = few.get(what) ?? Number.NaN
  return [what, show(base), show(value), `× ${(value / base).toFixed(2)}`]
})
console.log(formatTable(['what', `${FEW} waiting`, `${MANY} waiting`, 'ratio'], rows))
await showReaper(Math.ceil(MANY / 10))
await showCrowds()

async function measureWith(waiting: number): Promise<Column> {
  const column: Column = new Map()
  const service = new OverloadService()
  try {
    await service.start()
    column.set('service, resident at the start, MiB', residentMib(service.pid))
    const held = await service.hold()
    const fillSeconds = await fill(service, waiting)
    console.error(`${waiting} filled in ${fillSeconds.toFixed(0)} s`)
    await measureApi(service, column, held[0] ?? '')
    await measureDrain(service, column, held)
    await service.stop('SIGKILL')
    await measureStores(service, column)
  } finally {
    await service.remove()
  }
  return column
}

function fill({ stateDir, serviceFile }: OverloadService, count: number): Promise<number> {
  const stores = openEmbedded({ stateDir, clock: systemClock })
  return timeOnce(async () => {
    await fillWaiting(stores, { serviceFile, count, withMessages: true })
    // Never so few that the receives empty it: an empty queue answers faster.
    await fillOutput(stores, Math.max(count, 1000))
    await stores.close()
  })
}

async function measureApi(service: OverloadService, column: Column, oldestId: string) {
  const figures = await measureRequests(service, oldestId)
  for (const [what, { p50, p99 }] of Object.entries(figures.timings)) {
    column.set(`${what}, p50 ms`, p50)
    column.set(`${what}, p99 ms`, p99)
  }
  column.set('32 clients: submits a second', figures.submitsPerSecond)
  column.set('32 clients: submit, p50 ms', figures.burst.p50)
  column.set('32 clients: submit, p99 ms', figures.burst.p99)
  for (const [what, { p50, p99 }] of Object.entries(figures.beside)) {
    column.set(`beside them: ${what}, p50 ms`, p50)
    column.set(`beside them: ${what}, p99 ms`, p99)
  }
  column.set('service, resident after it, MiB', figures.residentMib)
}

/** Lets the worker go: what it takes while so much waits. */
async function measureDrain(service: OverloadService, column: Column, held: readonly string[]) {
  for (const id of held) await service.client.cancel(id)
  for (const id of held) {
    // A worker learns of it with its next beat.
    while ((await service.client.get(id)).status === 'running') await sleep(50)
  }
  const database = new DatabaseSync(join(service.stateDir, 'state.sqlite'), { readOnly: true })
  const ended = database.prepare(
    `SELECT count(*) AS ends FROM index_entries WHERE name = 'byStatus' AND hash = 'status#succeeded'`,
  )
  const countEnds = () => Number(ended.get()?.['ends'])
  const before = countEnds()
  await sleep(DRAIN_SECONDS * 1000)
  column.set('jobs a second, one worker', (countEnds() - before) / DRAIN_SECONDS)
  const beforeBurst = countEnds()
  const { seconds } = await measureBurst(service)
  column.set('the same beside 32 clients that submit', (countEnds() - beforeBurst) / seconds)
  database.close()
}

async function measureStores(service: OverloadService, column: Column): Promise<void> {
  const { stateDir, serviceFile } = service
  column.set('start after SIGKILL, ms', await service.start())
  await service.stop()
  column.set('database, MiB', statSync(join(stateDir, 'state.sqlite')).size / 2 ** 20)
  const stores = openEmbedded({ stateDir, clock: systemClock })
  const looks = await measureLooks(stores, serviceFile)
  column.set('a look, p50 ms', looks.timing.p50)
  column.set('a look, longest ms', looks.timing.p99)
  column.set('port calls of a look', looks.calls)
  console.error(looks.report, toTimestamp(Date.now()))
  await stores.close()
}

async function showReaper(count: number): Promise<void> {
  const service = new OverloadService()
  try {
    const reaped = await measureReaper(service.serviceFile, count)
    console.log(
      formatTable([`${count} at once`, 'looks', 'per look', 'longest look', 'rate'], reaped),
    )
  } finally {
    await service.remove()
  }
}

async function showCrowds(): Promise<void> {
  const service = new OverloadService()
  try {
    await service.start()
    await service.hold()
    const crowds: string[][] = []
    for (const clients of [100, 2000]) {
      for (const bodyBytes of [100, 1_000_000]) {
        const { statuses, peakMib, seconds } = await measureCrowd(service, { clients, bodyBytes })
        const answers = [201, 429, 0].map((status) => String(statuses[status] ?? 0))
        const memory = `${peakMib.toFixed(0)} MiB`
        const size = `${clients} × ${bodyBytes} bytes`
        crowds.push([size, ...answers, memory, `${seconds.toFixed(1)} s`])
      }
    }
    const heads = ['submits at once', 'accepted', '429', 'no connection', 'most memory', 'time']
    console.log(formatTable(heads, crowds))
  } finally {
    await service.remove()
  }
}

function show(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0)
}
