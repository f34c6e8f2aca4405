import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PutAnswer } from '../../lib/api/contract/answers.ts'
import { isJobId } from '../../lib/job/job-id.ts'
import { aService } from '../support/a-service.ts'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi()
})
afterEach(() => api.close())

const REQUEST_ID = 'X-Eas-Queueservice-Request-Id'

describe('POST /api/predict/{service}', () => {
  test('the answer is the bare number, and the same stands in the header', async () => {
    const response = await api.post('/api/predict/digits?taskType=command', 'sleep 1')
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(isJobId(text)).toBe(true)
    expect(response.headers.get(REQUEST_ID)).toBe(text)
    expect((await api.row(text)).taskType).toBe('command')
  })

  test('who asks for JSON gets the links and what was ignored', async () => {
    const path = '/api/predict/digits?taskType=command&_priority_=1&user=ann'
    const response = await api.post(path, 'sleep 1', { Accept: 'application/json' })
    const answer = await readAnswer<PutAnswer>(response)
    expect(answer.index).toBe(answer.jobId)
    expect(answer.links.self).toBe(`/jobs/${answer.jobId}`)
    expect(answer.ignored.map(({ name }) => name)).toEqual(['_priority_'])
    expect((await api.row(answer.jobId)).tags).toEqual({ user: 'ann' })
  })

  test('a query keeps its own headers, but neither token nor those of the transport', async () => {
    const response = await api.post('/api/predict/digits?taskType=query', '{"x":1}', {
      'Content-Type': 'application/json',
      'X-Model': 'large',
      Cookie: 'session=1',
      'X-Forwarded-For': '1.2.3.4',
      'X-EAS-QueueService-Redis-Uid': 'abc',
    })
    const { request } = await api.row(await response.text())
    expect(request).toEqual({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json', 'x-model': 'large' },
    })
  })

  test('bytes that are no text arrive as they were', async () => {
    const bytes = Uint8Array.from([0, 255, 128, 10])
    const response = await api.post('/api/predict/digits?taskType=query', bytes)
    const input = await api.input(await response.text())
    expect([...(input ?? [])]).toEqual([...bytes])
  })

  test('a repeat with the same Idempotency-Key gives the same number', async () => {
    const headers = { 'Idempotency-Key': 'put-1' }
    const path = '/api/predict/digits?taskType=command'
    const first = await (await api.post(path, 'sleep 1', headers)).text()
    const again = await api.post(path, 'sleep 1', headers)
    expect(await again.text()).toBe(first)
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
    expect((await api.post(`${path}&tag=b`, 'sleep 1', headers)).status).toBe(409)
    expect((await api.post('/jobs', { taskType: 'command', command: 'x' }, headers)).status).toBe(
      409,
    )
  })

  test('a service that is not served here is named, together with the one that is', async () => {
    const response = await api.post('/api/predict/letters?taskType=command', 'sleep 1')
    expect(response.status).toBe(404)
    expect(await readAnswer(response)).toMatchObject({
      error: { details: [{ path: 'path.service', allowed: 'digits' }] },
    })
  })

  test('the end of a stream is no job', async () => {
    const response = await api.post('/api/predict/digits?taskType=query&_eos_=true', '')
    expect(response.status).toBe(400)
    expect(await api.countJobs()).toBe(0)
  })

  test('a service without a port takes no queries and says what it takes', async () => {
    const commandOnly = anApi({ service: aService({ taskTypes: ['command'] }) })
    const response = await commandOnly.post('/api/predict/digits?taskType=query', 'x')
    expect(await readAnswer(response)).toMatchObject({
      error: {
        code: 'unknown-task-type',
        details: [{ path: 'query.taskType', got: '"query"', allowed: 'command' }],
      },
    })
    await commandOnly.close()
  })
})

describe('POST /api/predict/{service}/{path}', () => {
  test('the path of the container and its query string are kept; taskType is query', async () => {
    const path = '/api/predict/digits/v1/classify%20it?lang=de&taskType=query&_priority_=1'
    const id = await (await api.post(path, 'x')).text()
    const row = await api.row(id)
    expect(row.taskType).toBe('query')
    expect(row.request?.path).toBe('/v1/classify%20it?lang=de')
    expect(row.tags).toEqual({ lang: 'de' })
  })

  test('a command cannot go to a path', async () => {
    const response = await api.post('/api/predict/digits/v1?taskType=command', 'x')
    expect(await readAnswer(response)).toMatchObject({ error: { code: 'unknown-task-type' } })
  })

  test.each([
    ['/api/predict/digits//evil.example/x'],
    ['/api/predict/digits/a%2f..%2f..%2fetc'],
    ['/api/predict/digits/a/%5c..%5cetc'],
  ])('%s cannot lead to another host or out of the folder', async (path) => {
    const response = await api.post(path, 'x')
    expect(response.status).toBe(400)
    expect(await readAnswer(response)).toMatchObject({ error: { code: 'invalid-path' } })
    expect(await api.countJobs()).toBe(0)
  })

  test('the output queue takes no puts', async () => {
    expect((await api.post('/api/predict/digits/sink?taskType=query', 'x')).status).toBe(404)
  })
})
