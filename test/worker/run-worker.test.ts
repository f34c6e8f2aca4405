import { rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { WORKERS_PK } from '../../lib/job/keys.ts'
import { readWorkerRow, type WorkerRow } from '../../lib/scaling/worker-row.ts'
import { makePace } from '../../worker/loop/pace.ts'
import { findFreePort } from '../../worker/query/model.ts'
import { waitFor } from '../support/wait-for.ts'
import { aCommandService, aModelService, type Bench, openBench } from './support/a-bench.ts'
import { isAlive, pidsIn } from './support/pids.ts'
import { program } from './support/programs.ts'

/** Longer ago than any start takes here. */
const aMinuteAgo = (): string => toTimestamp(Date.now() - 60_000)

describe('a worker', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  const rowState = async (): Promise<WorkerRow | undefined> => {
    const { rows } = await bench.table.list(WORKERS_PK, { limit: 10 })
    const [row] = rows
    return row && readWorkerRow(row.key.sk, row.data)
  }

  const noteWith = (text: string): Promise<string> =>
    waitFor(`a note of ${text}`, async () => {
      const note = (await rowState())?.note
      return note?.includes(text) === true && note
    })

  it('lets its jobs end while it stops, and takes no others', async () => {
    const worker = bench.startWorker()
    const { id } = await bench.submit('sleep 1; echo done')
    await bench.running(id)
    const waiting = await bench.submit('true')
    expect(await worker.stop()).toEqual({ code: 0, why: 'stopped' })
    expect(await bench.read(id)).toMatchObject({ status: 'succeeded' })
    expect(await bench.read(waiting.id)).toMatchObject({ status: 'queued', attempt: 0 })
  })

  it('gives a job back that outlasts its stop, and the next worker runs it at once', async () => {
    const worker = bench.startWorker()
    const { id } = await bench.submit(program('forks-children', 1))
    const pids = await waitFor('the processes of the job', async () => {
      const found = pidsIn(await bench.text(await bench.running(id)))
      return found.length === 3 && found
    })
    await worker.stop()
    expect(pids.filter(isAlive)).toEqual([])
    bench.startWorker()
    const job = await waitFor('the second attempt', async () => {
      const now = await bench.read(id)
      return now.status === 'running' && now
    })
    expect(job).toMatchObject({ attempt: 2, lossesUsed: 0, retriesUsed: 0 })
  })

  it('takes its row away once it has stopped', async () => {
    const worker = bench.startWorker()
    await waitFor('the row', async () => (await rowState())?.state === 'idle')
    await worker.stop()
    expect(await rowState()).toBeUndefined()
  })

  it('says what it runs, and since when', async () => {
    bench.startWorker()
    const { id } = await bench.submit(program('forever'))
    const row = await waitFor('the job to be shown', async () => {
      const now = await rowState()
      return now?.jobs[0]?.jobId === id && now
    })
    expect(row).toMatchObject({
      state: 'busy',
      slots: { command: { total: 1, taken: 1 } },
      jobs: [{ attempt: 1, taskType: 'command' }],
    })
    expect(Date.parse(row.protectedUntil ?? '')).toBeGreaterThan(Date.now())
  })

  it('runs the init command before its first job', async () => {
    const file = join(bench.root, 'initialized')
    const container = {
      image: 'digits',
      initCommand: `sleep 1; echo ready > ${file}`,
      env: {},
      startSeconds: 10,
    }
    bench.startWorker({ service: aCommandService({ container }) })
    const { id } = await bench.submit(`cat ${file}`)
    await waitFor('the row to say starting', async () => (await rowState())?.state === 'starting')
    const job = await bench.ended(id)
    expect(await bench.text(job)).toBe('ready\n')
  })

  it('leaves with 1 when the init command fails three times, and ends what waited', async () => {
    const container = { image: 'digits', initCommand: 'exit 7', env: {}, startSeconds: 1 }
    const { id } = await bench.submit('true', { queuedAt: aMinuteAgo() })
    const worker = bench.startWorker({ service: aCommandService({ container }) })
    expect(await worker.exit).toEqual({ code: 1, why: 'init-failed' })
    const job = await bench.ended(id)
    expect(job.end).toMatchObject({ reason: 'init-failed' })
    expect(job.end?.message).toContain('7')
  })

  it('says in its row why its init command failed, and that its model server does not answer', async () => {
    const port = await findFreePort()
    const service = aModelService(program('never-opens-port'), port, 30)
    const file = join(bench.root, 'go')
    const container = { ...service.container, initCommand: `[ -e ${file} ] || exit 7` }
    bench.startWorker({ port, service: { ...service, container }, pace: makePace({ factor: 2 }) })
    expect(await noteWith('init command')).toContain('failed: it ended with 7')
    await writeFile(file, '')
    expect(await noteWith('model server')).toBe('the model server is starting')
  })

  it('says in its row first of all that its protection was refused', async () => {
    const worker = bench.startWorker()
    worker.protection.answer = 'refused'
    await bench.submit('true')
    expect(await noteWith('refused')).toContain('DEPLOYMENT_BLOCKED')
  })

  it('ends queries that waited, too, when the init command fails', async () => {
    const port = await findFreePort()
    const service = aModelService('', port, 1)
    const container = { ...service.container, initCommand: 'exit 7' }
    const request = { method: 'GET', path: '/', headers: {} }
    const { id } = await bench.submit('', { taskType: 'query', request, queuedAt: aMinuteAgo() })
    bench.startWorker({ port, service: { ...service, container } })
    expect((await bench.ended(id)).end).toMatchObject({ reason: 'init-failed' })
  })

  it('takes no job while its beats cannot be sent, and says so', async () => {
    const stateDir = join(bench.root, 'no-folder')
    await writeFile(stateDir, '')
    bench.startWorker({ store: { backend: 'embedded', stateDir } })
    const { id } = await bench.submit('true')
    const row = await waitFor('the row to say so', async () => {
      const now = await rowState()
      return now?.note !== undefined && now
    })
    expect(row).toMatchObject({
      state: 'starting',
      note: expect.stringContaining('beat') as string,
    })
    expect(await bench.read(id)).toMatchObject({ status: 'queued', attempt: 0 })
    await rm(stateDir)
    await symlink(bench.stateDir, stateDir)
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded' })
  })

  it('leaves jobs that have only just come to sound workers when it cannot start', async () => {
    const container = { image: 'digits', initCommand: 'exit 7', env: {}, startSeconds: 60 }
    const { id } = await bench.submit('true')
    const worker = bench.startWorker({ service: aCommandService({ container }) })
    expect(await worker.exit).toMatchObject({ code: 1 })
    expect(await bench.read(id)).toMatchObject({ status: 'queued', attempt: 0 })
  })

  it('that cannot start costs a job that waited one try, and leaves it the others', async () => {
    const container = { image: 'digits', initCommand: 'exit 7', env: {}, startSeconds: 1 }
    const retry = { maxRetries: 1, maxLosses: 0, backoffSeconds: 60 }
    const { id } = await bench.submit('true', { queuedAt: aMinuteAgo(), retry })
    await bench.startWorker({ service: aCommandService({ container }) }).exit
    expect(await bench.read(id)).toMatchObject({ status: 'queued', attempt: 1, retriesUsed: 1 })
  })

  it('does not run a query beside a command, nor a command beside a query', async () => {
    const port = await findFreePort()
    const service = aModelService(program('slow-http'), port)
    bench.startWorker({ port, service })
    const command = await bench.submit('sleep 1')
    await bench.running(command.id)
    const request = { method: 'GET', path: '/', headers: {} }
    const query = await bench.submit('', { taskType: 'query', request })
    expect((await bench.read(query.id)).status).toBe('queued')
    await bench.ended(query.id)
    const { endedAt = '' } = await bench.read(command.id)
    const { startedAt = '' } = await bench.read(query.id)
    expect(startedAt >= endedAt).toBe(true)
  })

  it('serves queries to a model server that it did not start', async () => {
    const server = createServer((_request, response) => response.end('foreign'))
    const port = await findFreePort()
    const { serverCommand: _none, ...container } = aModelService('', port).container
    bench.startWorker({ port, service: { ...aModelService('', port), container } })
    const request = { method: 'GET', path: '/', headers: {} }
    const { id } = await bench.submit('', { taskType: 'query', request })
    server.listen(port, '127.0.0.1')
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded', result: { bytes: 7 } })
    server.close()
  })

  it('restarts a model server that died', async () => {
    const port = await findFreePort()
    bench.startWorker({ port, service: aModelService(program('slow-http'), port) })
    const request = { method: 'POST', path: '/', headers: {} }
    const first = await bench.submit('one', { taskType: 'query', request })
    await bench.ended(first.id)
    await killListener(port)
    const second = await bench.submit('two', {
      taskType: 'query',
      request,
      retry: { maxRetries: 3, maxLosses: 0, backoffSeconds: 0 },
    })
    expect(await bench.ended(second.id)).toMatchObject({ status: 'succeeded' })
  })

  it('leaves no model server behind', async () => {
    const port = await findFreePort()
    const worker = bench.startWorker({
      port,
      service: aModelService(program('slow-http'), port),
    })
    const request = { method: 'POST', path: '/', headers: {} }
    const { id } = await bench.submit('one', { taskType: 'query', request })
    await bench.ended(id)
    await worker.stop()
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
  })
})

/** Kills the process that the fixture server runs in; it tells its pid. */
async function killListener(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/pid`)
  process.kill(Number(await answer.text()), 'SIGKILL')
}
