import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../lib/client/connect.ts'
import { ApiError } from '../../lib/client/api-error.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'
import { waitFor } from '../support/wait-for.ts'

let api: LiveApi
beforeAll(async () => {
  api = await aLiveApi()
})
afterAll(() => api.close())
afterEach(() => api.recover())

const ID = '3711718195200000001'
const client = (timeoutMs?: number) => connect({ url: api.url, token: TOKEN, timeoutMs })

/** Lets `times` requests fail with a status, then answers as always. */
function failFirst(
  times: number,
  status: number,
  headers: Record<string, string> = {},
): () => number {
  let requests = 0
  api.disturb((request) => {
    requests += 1
    return requests <= times ? new Response('', { status, headers }) : api.front(request)
  })
  return () => requests
}

describe('a service that is briefly away', () => {
  test.each([503, 408])('a read that is answered with %d is tried again', async (status) => {
    const requests = failFirst(2, status)
    expect((await client().list()).jobs).toEqual([])
    expect(requests()).toBe(3)
  })

  test('a submit whose answer was lost makes one job', async () => {
    const answers: Response[] = []
    api.disturb(async (request) => {
      answers.push(await api.front(request))
      return answers.length === 1 ? new Response('', { status: 504 }) : (answers[1] as Response)
    })
    const job = await client().submit({ taskType: 'command', command: 'once' })
    api.recover()
    expect(answers).toHaveLength(2)
    const { jobs } = await client().list({ status: 'queued' })
    expect(jobs.map(({ id }) => id)).toEqual([job.id])
  })

  test('it gives up after four tries with what it was told last', async () => {
    const requests = failFirst(99, 503)
    await expect(client().service()).rejects.toMatchObject({ code: 'bad-answer', status: 503 })
    expect(requests()).toBe(4)
  })

  test('a long Retry-After is passed on instead of waited for', async () => {
    const requests = failFirst(99, 503, { 'retry-after': '60' })
    await expect(client().service()).rejects.toMatchObject({ retryAfterSeconds: 60 })
    expect(requests()).toBe(1)
  })

  test('an answer that waiting does not change is not asked for again', async () => {
    let requests = 0
    api.disturb((request) => {
      requests += 1
      return api.front(request)
    })
    const error = await client()
      .get(ID)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'not-found', status: 404, fix: expect.any(String) })
    expect(requests).toBe(1)
  })
})

describe('puts as PAI-EAS takes them', () => {
  test('the body goes as it is, tags in the query string', async () => {
    const put = { taskType: 'command', body: 'echo hi', tags: { kind: 'a b&c' } } as const
    const { jobId } = await client().put('digits', put)
    expect((await client().get(jobId)).tags).toEqual({ kind: 'a b&c' })
  })
})

describe('every call ends', () => {
  let server: Server
  let baseUrl: string
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test('with a server that takes the request and never answers', async () => {
    answer = () => undefined
    const slow = connect({ url: baseUrl, timeoutMs: 150 })
    await expect(slow.health()).rejects.toMatchObject({ code: 'timed-out' })
  })

  test('with a server that begins a body and never ends it', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"jobs": [')
    }
    const slow = connect({ url: baseUrl, timeoutMs: 150 })
    await expect(slow.list()).rejects.toMatchObject({ code: 'timed-out' })
  })

  test('at once when the caller stops it', async () => {
    answer = () => undefined
    const stop = new AbortController()
    const reading = connect({ url: baseUrl }).readLogs(ID, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })

  test('at once, whichever it is, when the connection is stopped, and tries none again', async () => {
    const asked: (string | undefined)[] = []
    answer = ({ url }) => asked.push(url)
    const stop = new AbortController()
    const stopped = connect({ url: baseUrl, signal: stop.signal })
    const calls = [stopped.service(), stopped.get(ID, { signal: new AbortController().signal })]
    const ends = Promise.allSettled(calls)
    const isAsked = () => asked.includes('/service') && asked.includes(`/jobs/${ID}`)
    await waitFor('both calls', isAsked)
    stop.abort(new Error('enough'))
    for (const end of await ends) expect(end).toMatchObject({ reason: { message: 'enough' } })
    expect(asked.filter((url) => url === '/service')).toHaveLength(1)
  })

  test('a page that is not the API is recognised', async () => {
    answer = (_request, response) => response.end('<html>router</html>')
    await expect(connect({ url: baseUrl }).list()).rejects.toMatchObject({
      code: 'bad-answer',
    })
  })

  test('a redirect is named and never followed with the token', async () => {
    const paths: (string | undefined)[] = []
    answer = (request, response) => {
      paths.push(request.url)
      response.writeHead(302, { location: `${baseUrl}/elsewhere` }).end()
    }
    const reading = connect({ url: baseUrl, token: TOKEN }).service()
    await expect(reading).rejects.toThrow('/elsewhere')
    expect(paths).toEqual(['/service'])
  })
})

test('an address that is none is refused before anything is sent', async () => {
  const wrong = connect({ url: 'example.com' })
  await expect(wrong.health()).rejects.toMatchObject({ code: 'unreachable' })
})
