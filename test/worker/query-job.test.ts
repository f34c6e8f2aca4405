import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../lib/job/job.ts'
import { findFreePort } from '../../worker/query/model.ts'
import { aModelService, type Bench, openBench } from './support/a-bench.ts'
import { program } from './support/programs.ts'

/** Ended attempts that were given back. */
function releases(count: number): Job['attempts'] {
  const at = new Date().toISOString()
  return Array.from({ length: count }, (_, n) => ({
    attempt: n + 1,
    workerId: 'other',
    startedAt: at,
    endedAt: at,
    reason: 'released',
    message: 'given back',
  }))
}

describe('a query job', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  async function startModel(name: string, startSeconds = 10) {
    const port = await findFreePort()
    return bench.startWorker({ service: aModelService(program(name), port, startSeconds), port })
  }

  const query = (path: string, overrides: Partial<Job> = {}): Partial<Job> => ({
    taskType: 'query',
    request: { method: 'POST', path, headers: {} },
    ...overrides,
  })

  const resultOf = (job: Job) => bench.files.read(job.result?.key ?? 'none', 1_000_000)

  it('gets the bytes of the model server as its result', async () => {
    await startModel('slow-http')
    const input = Buffer.from([0, 255, 10, 13, 128])
    const { id } = await bench.submit(input, query('/'))
    const job = await bench.ended(id)
    expect(job).toMatchObject({
      status: 'succeeded',
      end: { reason: 'completed', statusCode: 200 },
      result: { bytes: 5, contentType: 'application/x-echo' },
    })
    expect(await resultOf(job)).toEqual(input)
  })

  it('sends method, path and headers on, without those of one hop, and names the job', async () => {
    await startModel('slow-http')
    const headers = {
      'X-Mine': 'yes',
      Connection: 'close, X-Hop',
      'X-Hop': 'no',
      Host: 'elsewhere',
    }
    const request = { method: 'PUT', path: '/headers?a=1%202', headers }
    const { id } = await bench.submit('x', query('', { request }))
    const seen = JSON.parse(String(await resultOf(await bench.ended(id))))
    expect(seen).toMatchObject({ method: 'PUT', url: '/headers?a=1%202' })
    expect(seen.headers).toMatchObject({
      'x-mine': 'yes',
      'content-length': '1',
      'x-scalable-job-id': id,
      'x-scalable-job-attempt': '1',
    })
    expect(seen.headers).not.toHaveProperty('x-hop')
    expect(seen.headers.host).not.toBe('elsewhere')
  })

  it('may have an empty input and an empty answer', async () => {
    await startModel('slow-http')
    const { id } = await bench.submit('', query('/empty'))
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', result: { bytes: 0 } })
  })

  it('keeps the answer of a model that refuses, and fails with its status', async () => {
    await startModel('slow-http')
    const { id } = await bench.submit('no good', query('/status/422'))
    const job = await bench.ended(id)
    expect(job).toMatchObject({
      status: 'failed',
      end: { reason: 'model-status', statusCode: 422 },
    })
    expect(String(await resultOf(job))).toBe('no good')
  })

  it('is tried again where the model is busy or failed, and not where it refused', async () => {
    await startModel('slow-http')
    const retry = { maxRetries: 1, maxLosses: 0, backoffSeconds: 0 }
    const attempts: Record<number, number> = {}
    for (const status of [404, 407, 408, 409, 428, 429, 430, 499, 500, 503]) {
      const { id } = await bench.submit('', query(`/status/${status}`, { retry }))
      attempts[status] = (await bench.ended(id)).attempt
    }
    const [once, twice] = [1, 2]
    expect(attempts).toEqual({
      404: once,
      407: once,
      408: twice,
      409: once,
      428: once,
      429: twice,
      430: once,
      499: once,
      500: twice,
      503: twice,
    })
  })

  it('does not follow a redirect', async () => {
    await startModel('slow-http')
    const { id } = await bench.submit('', query('/redirect'))
    const job = await bench.ended(id)
    expect(job.end).toMatchObject({ reason: 'model-status', statusCode: 302 })
  })

  it('is stopped after the seconds that it may run', async () => {
    await startModel('slow-http')
    const limits = { runSeconds: 1, queueSeconds: 0, graceSeconds: 1 }
    const { id } = await bench.submit('', query('/slow', { limits }))
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'failed', end: { reason: 'timed-out' } })
  })

  it('ends canceled when it is canceled while the model works', async () => {
    await startModel('slow-http')
    const { id } = await bench.submit('', query('/slow'))
    await bench.running(id)
    await bench.cancel(id)
    expect(await bench.ended(id)).toMatchObject({ status: 'canceled' })
  })

  it('is tried again, then fails, when the model server dies with each request', async () => {
    await startModel('crashes-on-request')
    const retry = { maxRetries: 1, maxLosses: 0, backoffSeconds: 0 }
    const { id } = await bench.submit('', query('/', { retry }))
    // A try that comes before the server is up again costs nothing, and is none.
    expect(await bench.ended(id)).toMatchObject({
      status: 'failed',
      retriesUsed: 1,
      end: { reason: 'model-unreachable' },
    })
  })

  it('fails when the server answers with something that is no HTTP', async () => {
    await startModel('garbage-http')
    const { id } = await bench.submit('', query('/'))
    expect((await bench.ended(id)).end).toMatchObject({ reason: 'model-unreachable' })
  })

  it('fails when the server changes the protocol, and frees its slot', async () => {
    await startModel('slow-http')
    const { id } = await bench.submit('', query('/101'))
    expect((await bench.ended(id)).end).toMatchObject({
      reason: 'model-unreachable',
      message: expect.stringContaining('101') as string,
    })
    const next = await bench.submit('', query('/'))
    expect(await bench.ended(next.id)).toMatchObject({ status: 'succeeded' })
  })

  it('costs nothing while the server takes no connection, and waits until it does', async () => {
    await startModel('closes-port')
    const closing = await bench.submit('', query('/close'))
    await bench.ended(closing.id)
    const retry = { maxRetries: 0, maxLosses: 0, backoffSeconds: 0 }
    const { id } = await bench.submit('', query('/', { retry }))
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2, retriesUsed: 0, lossesUsed: 0 })
    expect(job.attempts).toMatchObject([{ reason: 'released' }, { reason: 'completed' }])
    expect(job.attempts[0]?.message).toContain('ECONNREFUSED')
  })

  it('is not sent round for ever by servers that take no connection', async () => {
    await startModel('closes-port')
    const closing = await bench.submit('', query('/close'))
    await bench.ended(closing.id)
    const { id } = await bench.submit('', query('/', { attempt: 5, attempts: releases(5) }))
    expect(await bench.ended(id)).toMatchObject({
      attempt: 6,
      end: { reason: 'model-unreachable' },
    })
  })

  it('ends model-not-ready when the port never opens, and the worker leaves with 1', async () => {
    const { id } = await bench.submit('', query('/'))
    const worker = await startModel('never-opens-port', 1)
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'failed', end: { reason: 'model-not-ready' } })
    expect(await worker.exit).toEqual({ code: 1, why: 'model-not-ready' })
  })

  it('waits for the model server while commands already run', async () => {
    await startModel('never-opens-port', 1)
    const waiting = await bench.submit('', query('/'))
    const { id } = await bench.submit('echo beside')
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded' })
    expect((await bench.read(waiting.id)).attempt).toBe(0)
  })
})
