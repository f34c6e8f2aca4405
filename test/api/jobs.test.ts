import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import type { Job } from '../../lib/job/job.ts'
import { aJob } from '../support/a-job.ts'
import { anEnded as ended, aRunning as running } from './a-life.ts'
import { ADMIN_TOKEN, anApi, OTHER_TOKEN, readAnswer, type TestApi, TOKEN } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi({ tenants: 'two' })
})
afterEach(() => api.close())

interface JobPage {
  readonly jobs: JobView[]
  readonly next?: string
}

function idOf(number: number): string {
  return String(3711718195200000000n + BigInt(number))
}

async function keepMany(count: number, each: (number: number) => Partial<Job> = () => ({})) {
  for (let number = 1; number <= count; number += 1) {
    await api.keep(aJob({ id: idOf(number), ...each(number) }))
  }
}

describe('GET /jobs', () => {
  test('pages hold every job once, newest first', async () => {
    await keepMany(23)
    const seen: string[] = []
    let cursor = ''
    do {
      const path = `/jobs?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`
      const page = await readAnswer<JobPage>(await api.send(path))
      expect(page.jobs.length).toBeLessThanOrEqual(5)
      seen.push(...page.jobs.map(({ id }) => id))
      cursor = page.next ?? ''
    } while (cursor !== '')
    expect(seen).toEqual(Array.from({ length: 23 }, (_, index) => idOf(23 - index)))
  })

  test('jobs that come between two pages shift nothing', async () => {
    await keepMany(4)
    const first = await readAnswer<JobPage>(await api.send('/jobs?limit=2'))
    await api.keep(aJob({ id: idOf(99) }))
    const second = await readAnswer<JobPage>(await api.send(`/jobs?limit=2&cursor=${first.next}`))
    expect(second.jobs.map(({ id }) => id)).toEqual([idOf(2), idOf(1)])
  })

  test('status, task type and tags narrow the list; the row decides, not the index', async () => {
    await keepMany(6, (number) => ({
      taskType: number % 2 === 0 ? 'query' : 'command',
      tags: { run: number > 3 ? 'b:1' : 'a' },
    }))
    await api.keep(running({ id: idOf(7), tags: { run: 'a' } }))
    const ids = async (query: string) =>
      (await readAnswer<JobPage>(await api.send(`/jobs?${query}`))).jobs.map(({ id }) => id)
    expect(await ids('status=running')).toEqual([idOf(7)])
    expect(await ids('taskType=query&tag=run:b:1')).toEqual([idOf(6), idOf(4)])
    expect(await ids('tag=run:a&status=queued')).toEqual([idOf(3), idOf(2), idOf(1)])
    expect(await ids('tag=run:a&tag=other:x')).toEqual([])
  })

  test('a filter that matches little still gets everywhere, page by page', async () => {
    await keepMany(650, (number) => ({ tags: number === 1 ? { rare: 'yes' } : {} }))
    const first = await readAnswer<JobPage>(await api.send('/jobs?tag=rare:yes'))
    expect(first.jobs).toEqual([])
    const second = await readAnswer<JobPage>(
      await api.send(`/jobs?tag=rare:yes&cursor=${first.next}`),
    )
    expect(second.jobs.map(({ id }) => id)).toEqual([idOf(1)])
    expect(second.next).toBeUndefined()
  })

  test('a tenant sees its own jobs, the admin those of all', async () => {
    await keepMany(4, (number) => ({ tenant: number % 2 === 0 ? 'other' : 'default' }))
    const ids = async (token: string, query = '') =>
      (await readAnswer<JobPage>(await api.send(`/jobs${query}`, { token }))).jobs.map(
        ({ id }) => id,
      )
    expect(await ids(TOKEN)).toEqual([idOf(3), idOf(1)])
    expect(await ids(OTHER_TOKEN)).toEqual([idOf(4), idOf(2)])
    expect(await ids(ADMIN_TOKEN)).toEqual([idOf(4), idOf(3), idOf(2), idOf(1)])
    expect(await ids(ADMIN_TOKEN, '?tenant=other')).toEqual([idOf(4), idOf(2)])
    expect((await api.send('/jobs?tenant=other')).status).toBe(400)
  })
})

describe('GET /jobs/{id}', () => {
  test('a running job shows its worker and times, and nothing else of the lease', async () => {
    await api.keep(running())
    const job = await readAnswer<JobView>(await api.send(`/jobs/${idOf(1)}`))
    expect(job).toMatchObject({ status: 'running', attempt: 1, workerId: 'w1', waitSeconds: 0 })
    expect(JSON.stringify(job)).not.toMatch(/lease|beat|readyAt|taskId/)
  })

  test('an ended job says why, and how long it waited and ran', async () => {
    await api.keep(ended())
    const job = await readAnswer<JobView>(await api.send(`/jobs/${idOf(1)}`))
    expect(job).toMatchObject({ status: 'succeeded', reason: 'completed', exitCode: 0 })
    expect(job).toMatchObject({ waitSeconds: 0, runSeconds: 5 })
  })

  test("another tenant's job is not there, for any route", async () => {
    await api.keep(ended({ tenant: 'other' }))
    const id = idOf(1)
    const answers = await Promise.all([
      api.send(`/jobs/${id}`),
      api.send(`/jobs/${id}/logs`),
      api.send(`/jobs/${id}/result`),
      api.send(`/jobs/${id}/artifacts`),
      api.post(`/jobs/${id}/cancel`, ''),
      api.post(`/jobs/${id}/retry`, ''),
    ])
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404])
    expect((await api.send(`/jobs/${id}`, { token: ADMIN_TOKEN })).status).toBe(200)
  })
})

describe('POST /jobs/{id}/cancel', () => {
  const path = `/jobs/${idOf(1)}/cancel`

  test('a waiting job ends at once, and its end is announced', async () => {
    await api.keep(aJob())
    const response = await api.post(path, '')
    expect(response.status).toBe(200)
    expect(await readAnswer(response)).toMatchObject({
      outcome: 'canceled',
      job: { status: 'canceled', reason: 'canceled-by-user' },
    })
    const how = { max: 10, waitSeconds: 0, visibilitySeconds: 0 }
    const [message] = await api.queues.receive('output', how)
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ kind: 'end', status: 'canceled' })
    expect((await api.row(idOf(1))).notifyAt).toBeUndefined()
  })

  test('a running job is asked to end, and twice is once', async () => {
    await api.keep(running())
    for (const _ of [1, 2]) {
      const response = await api.post(path, '')
      expect(response.status).toBe(202)
      expect(await readAnswer(response)).toMatchObject({
        outcome: 'cancel-requested',
        job: { status: 'running' },
      })
    }
    expect((await api.row(idOf(1))).cancel?.by).toBe('default')
  })

  test('an end that came first stays', async () => {
    await api.keep(ended())
    const response = await api.post(path, '')
    expect(response.status).toBe(200)
    expect(await readAnswer(response)).toMatchObject({
      outcome: 'already-ended',
      job: { status: 'succeeded' },
    })
  })
})

describe('POST /jobs/{id}/retry', () => {
  test('a new job with the same input names the old one', async () => {
    const body = { taskType: 'command', command: 'echo hi', tags: { a: 'b' }, env: { X: '1' } }
    const first = await readAnswer<JobView>(await api.post('/jobs', body))
    await api.post(`/jobs/${first.id}/cancel`, '')
    const response = await api.post(`/jobs/${first.id}/retry`, '')
    const second = await readAnswer<JobView>(response)
    expect(response.status).toBe(201)
    expect(second).toMatchObject({ status: 'queued', retryOf: first.id, tags: { a: 'b' } })
    expect(second.id).not.toBe(first.id)
    const [one, other] = await Promise.all([first, second].map(({ id }) => api.input(id)))
    expect(other).toEqual(one)
    expect((await api.row(second.id)).env).toEqual({ X: '1' })
  })

  test('a query goes to the model server as before', async () => {
    const request = { method: 'PUT', path: '/v1/x?top=3', headers: { 'x-model': 'a' } }
    const body = { taskType: 'query', input: { pixels: [1] }, request }
    const first = await readAnswer<JobView>(await api.post('/jobs', body))
    await api.post(`/jobs/${first.id}/cancel`, '')
    const answer = await api.post(`/jobs/${first.id}/retry`, '')
    const again = await readAnswer<JobView>(answer)
    expect(answer.headers.get('Location')).toBe(`/jobs/${again.id}`)
    expect(answer.headers.has('Idempotency-Replayed')).toBe(false)
    const [row, before] = await Promise.all([api.row(again.id), api.row(first.id)])
    const { tenant, taskType, input } = before
    expect(row).toMatchObject({ tenant, taskType, input, request: before.request, attempt: 0 })
    expect(row).not.toHaveProperty('end')
    expect(await api.input(again.id)).toEqual(await api.input(first.id))
  })

  test('a repeated retry with one Idempotency-Key is one new job', async () => {
    const body = { taskType: 'query', input: 'x'.repeat(70_000) }
    const first = await readAnswer<JobView>(await api.post('/jobs', body))
    await api.post(`/jobs/${first.id}/cancel`, '')
    const headers = { 'Idempotency-Key': 'again' }
    const answers = [
      await api.post(`/jobs/${first.id}/retry`, '', headers),
      await api.post(`/jobs/${first.id}/retry`, '', headers),
    ]
    const [one, other] = await Promise.all(answers.map((each) => readAnswer<JobView>(each)))
    expect(one?.id).toBe(other?.id)
    expect(one?.input).toEqual(first.input)
  })

  test('a job that has not ended cannot be run again', async () => {
    await api.keep(running())
    const response = await api.post(`/jobs/${idOf(1)}/retry`, '')
    expect(response.status).toBe(409)
    expect(await readAnswer(response)).toMatchObject({ error: { code: 'job-not-ended' } })
  })
})
