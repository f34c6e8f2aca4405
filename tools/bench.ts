/**
 * `npm run bench`: what the service costs over doing the same without it, each figure against a
 * baseline of the same run. docs/performance.md says what the figures mean.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../lib/client/client.ts'
import { formatTable } from '../lib/cli/format-table.ts'
import {
  type BenchService,
  ECHO_SERVER,
  residentMib,
  startBenchService,
} from './bench/bench-service.ts'
import { timeEach, timeOnce } from './bench/measure.ts'
import { findWorkers } from './bench/find-workers.ts'

const LOG_LINES = 300_000

const rows: string[][] = []
const HEAD = ['what', 'baseline', 'with the service', 'difference or ratio']

await measureOneWorker()
await measureFourWorkers()
console.log(formatTable(HEAD, rows))

async function measureOneWorker(): Promise<void> {
  const service = await startBenchService(1)
  try {
    await measureQueryOverhead(service.client)
    await measureCommandOverhead(service.client)
    rows.push(['queries a second, one worker', '', await queriesPerSecond(service.client), ''])
    measureMemory(service, 'before the log flood')
    await measureLogs(service.client)
    measureMemory(service, 'after it')
    await measureArtifact(service.client)
    measureMemory(service, 'after an artifact of 1 GiB')
  } finally {
    await service.close()
  }
}

async function measureFourWorkers(): Promise<void> {
  const service = await startBenchService(4)
  try {
    rows.push(['queries a second, four workers', '', await queriesPerSecond(service.client), ''])
  } finally {
    await service.close()
  }
}

async function measureQueryOverhead(client: Client): Promise<void> {
  const port = await freePort()
  const server = spawn(process.execPath, [ECHO_SERVER], { env: { PORT: String(port) } })
  await sleep(500)
  const url = `http://127.0.0.1:${port}/`
  const bare = await timeEach(200, async () =>
    (await fetch(url, { method: 'POST', body: '{}' })).text(),
  )
  server.kill()
  const job = await timeEach(100, () => runQuery(client))
  rows.push(overhead('query, p50', bare.p50, job.p50), overhead('query, p95', bare.p95, job.p95))
}

async function runQuery(client: Client): Promise<void> {
  const { id } = await client.submit({ taskType: 'query', input: {} })
  await client.result(id, { waitSeconds: 20 })
}

async function measureCommandOverhead(client: Client): Promise<void> {
  const bare = await timeEach(50, () => {
    return new Promise((done) => {
      spawn('/bin/sh', ['-c', 'true']).once('close', done)
    })
  })
  const job = await timeEach(40, () => runCommand(client, 'true'))
  rows.push(
    overhead('command, p50', bare.p50, job.p50),
    overhead('command, p95', bare.p95, job.p95),
  )
}

async function runCommand(client: Client, command: string): Promise<void> {
  const { id } = await client.submit({ taskType: 'command', command, logToQueue: false })
  await client.result(id, { waitSeconds: 20 })
}

/** Jobs that are all in the queue before they are waited for. */
async function queriesPerSecond(client: Client): Promise<string> {
  const count = 400
  const seconds = await timeOnce(async () => {
    const jobs = []
    for (let index = 0; index < count; index += 20) {
      const batch = Array.from({ length: 20 }, () =>
        client.submit({ taskType: 'query', input: {} }),
      )
      jobs.push(...(await Promise.all(batch)))
    }
    for (const { id } of jobs) await client.result(id, { waitSeconds: 20 })
  })
  return `${(count / seconds).toFixed(0)} /s`
}

async function measureLogs(client: Client): Promise<void> {
  const command = `seq -f "line %.0f of a log that is about as long as lines are, loss 0.0312" ${LOG_LINES}`
  const bareSeconds = await timeOnce(() => {
    return new Promise((done) => {
      spawn('/bin/sh', ['-c', `${command} | cat > /dev/null`]).once('close', done)
    })
  })
  const seconds = await timeOnce(() => runCommand(client, command))
  const perSecond = (each: number) => `${Math.round(LOG_LINES / each).toLocaleString('en')} /s`
  rows.push([
    'log lines',
    perSecond(bareSeconds),
    perSecond(seconds),
    `1 : ${(seconds / bareSeconds).toFixed(1)}`,
  ])
}

/** A file that no memory should hold. */
async function measureArtifact(client: Client): Promise<void> {
  const write = (file: string): string =>
    `head -c 1073741824 /dev/zero > ${file}; rm -f /tmp/bench.bin`
  const bareSeconds = await timeOnce(() => {
    return new Promise((done) => {
      spawn('/bin/sh', ['-c', write('/tmp/bench.bin')]).once('close', done)
    })
  })
  const seconds = await timeOnce(() =>
    runCommand(client, write('$SCALABLE_JOB_ARTIFACTS_DIR/large.bin')),
  )
  const show = (each: number): string => `${each.toFixed(1)} s`
  rows.push([
    'an artifact of 1 GiB',
    show(bareSeconds),
    show(seconds),
    `+ ${show(seconds - bareSeconds)}`,
  ])
}

function measureMemory({ local }: BenchService, when: string): void {
  const bare = residentMib(process.pid)
  rows.push([`memory of the service and this bench, ${when}`, '', `${bare.toFixed(0)} MiB`, ''])
  for (const [name, pid] of findWorkers(local.folders.state)) {
    rows.push([`memory of ${name}, ${when}`, '', `${residentMib(pid).toFixed(0)} MiB`, ''])
  }
}

function overhead(what: string, baseMs: number, jobMs: number): string[] {
  const show = (ms: number) => `${ms.toFixed(1)} ms`
  return [what, show(baseMs), show(jobMs), `+ ${show(jobMs - baseMs)}`]
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = address === null || typeof address === 'string' ? 0 : address.port
      server.close(() => resolve(port))
    })
  })
}
