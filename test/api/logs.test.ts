import { serve } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AttemptRecord } from '../../lib/job/job.ts'
import { attemptPrefix, logChunkKey } from '../../lib/job/keys.ts'
import { encodeLogChunk, type LogLine } from '../../lib/job/log-chunk.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { aJob } from '../support/a-job.ts'
import { waitFor } from '../support/wait-for.ts'
import { anEnded, aRunning } from './a-life.ts'
import { anApi, clockFromNoon, readAnswer, type TestApi, TOKEN } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi({ clock: clockFromNoon() })
})
afterEach(() => api.close())

const { id } = aJob()
const path = `/jobs/${id}/logs`

interface LogPage {
  readonly lines: { attempt: number; stream: string; text: string; cursor: string }[]
  readonly cursor: string
  readonly done: boolean
  readonly status: string
}

function line(text: string, stream: LogLine['stream'] = 'stdout'): LogLine {
  return { stream, at: '2026-01-01T12:00:00.000Z', text }
}

async function keepChunk(attempt: number, chunk: number, lines: LogLine[]) {
  const key = logChunkKey(attemptPrefix(id, attempt), chunk)
  await api.files.put({ key, body: encodeLogChunk(lines) })
}

async function readPage(query = ''): Promise<LogPage> {
  const response = await api.send(`${path}${query}`)
  expect(response.status).toBe(200)
  return readAnswer<LogPage>(response)
}

function anAttempt(overrides: Partial<AttemptRecord>): AttemptRecord {
  return {
    attempt: 1,
    workerId: 'w1',
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: '2026-01-01T12:00:01.000Z',
    reason: 'completed',
    message: 'exited with 0',
    ...overrides,
  }
}

const texts = ({ lines }: LogPage) => lines.map(({ text }) => text)

describe('GET /jobs/{id}/logs', () => {
  test('lines of all attempts come in their order, and the cursor reads on', async () => {
    await api.keep(aRunning({ attempt: 1 }))
    await keepChunk(1, 0, [line('a1'), line('a2')])
    await keepChunk(1, 1, [line('a3')])
    await keepChunk(2, 0, [line('b1')])
    const first = await readPage()
    expect(texts(first)).toEqual(['a1', 'a2', 'a3', 'b1'])
    expect(first.lines.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2])
    expect(first).toMatchObject({ cursor: '2:0000000001', done: false, status: 'running' })
    await keepChunk(2, 1, [line('b2', 'stderr')])
    expect(texts(await readPage(`?cursor=${first.cursor}`))).toEqual(['b2'])
  })

  test('every page size gives every line once', async () => {
    await api.keep(anEnded())
    await keepChunk(1, 0, [line('1'), line('2'), line('3')])
    await keepChunk(1, 1, [line('4'), line('5')])
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const seen: string[] = []
      let page: LogPage
      let cursor = ''
      do {
        page = await readPage(`?limit=${limit}${cursor}`)
        expect(page.lines.length).toBeLessThanOrEqual(limit)
        seen.push(...texts(page))
        cursor = `&cursor=${page.cursor}`
      } while (!page.done)
      expect(seen).toEqual(['1', '2', '3', '4', '5'])
    }
  })

  test('any line is a place to read on from', async () => {
    await api.keep(anEnded())
    await keepChunk(1, 0, [line('1'), line('2'), line('3')])
    const { lines } = await readPage()
    expect(texts(await readPage(`?cursor=${lines[0]?.cursor}`))).toEqual(['2', '3'])
  })

  test('done means that the job has ended and everything is read', async () => {
    await api.keep(aJob())
    expect(await readPage()).toMatchObject({ lines: [], done: false })
    await api.keep(anEnded())
    expect(await readPage()).toMatchObject({ lines: [], done: true })
    await keepChunk(1, 0, [line('x')])
    expect(await readPage()).toMatchObject({ lines: [{ text: 'x' }], done: true })
  })

  test('output that no file has any more is owned up to at the end, once', async () => {
    await api.keep({ ...anEnded(), attempts: [anAttempt({ lostLogBytes: 700 })] })
    await keepChunk(1, 0, [line('x')])
    const { lines, cursor, done } = await readPage()
    expect(lines).toMatchObject([{ text: 'x' }, { stream: 'system', cutBytes: 700 }])
    expect(done).toBe(true)
    expect(await readPage(`?cursor=${cursor}`)).toMatchObject({ lines: [], cursor, done: true })
    expect(texts(await readPage('?stream=stdout'))).toEqual(['x'])
    expect(await readPage('?limit=1')).toMatchObject({ lines: [{ text: 'x' }], done: false })
  })

  test('output that an earlier attempt could not store is owned up to in its place', async () => {
    const released = anAttempt({ reason: 'released', lostLogBytes: 70 })
    await api.keep(aRunning({ attempt: 1, attempts: [released] }))
    await keepChunk(1, 0, [line('a')])
    await keepChunk(2, 0, [line('b')])
    const gap = { attempt: 1, stream: 'system', cutBytes: 70 }
    expect((await readPage()).lines).toMatchObject([{ text: 'a' }, gap, { text: 'b' }])
  })

  test('where a worker was lost, the log says that output may be missing', async () => {
    const lost = anAttempt({ reason: 'worker-lost' })
    const gap = { attempt: 1, stream: 'system', cutBytes: 0 }
    await api.keep(aRunning({ attempt: 1, attempts: [lost] }))
    await keepChunk(1, 0, [line('a')])
    await keepChunk(2, 0, [line('b')])
    const whole = await readPage()
    expect(whole.lines).toMatchObject([{ text: 'a' }, gap, { text: 'b' }])
    expect(texts(await readPage(`?cursor=${whole.lines[1]?.cursor}`))).toEqual(['b'])
    expect(texts(await readPage('?stream=stdout'))).toEqual(['a', 'b'])
    expect((await readPage('?limit=2')).lines).toMatchObject([{ text: 'a' }, gap])

    await api.keep({ ...anEnded(), attempts: [lost] })
    const ended = await readPage()
    expect(ended).toMatchObject({ lines: [{ text: 'a' }, gap], done: true })
    expect(await readPage(`?cursor=${ended.cursor}`)).toMatchObject({ lines: [], done: true })
  })

  test('one stream can be asked for alone', async () => {
    await api.keep(anEnded())
    await keepChunk(1, 0, [line('out'), line('err', 'stderr'), line('sys', 'system')])
    expect(texts(await readPage('?stream=stderr'))).toEqual(['err'])
  })

  test('an answer waits for lines that come, and for the end', async () => {
    await api.keep(aRunning())
    const waiting = readPage('?waitSeconds=20')
    await keepChunk(1, 0, [line('late')])
    const page = await waiting
    expect(texts(page)).toEqual(['late'])
    const ending = readPage(`?waitSeconds=20&cursor=${page.cursor}`)
    await api.keep(anEnded())
    expect(await ending).toMatchObject({ lines: [], done: true })
  })

  test('bare text comes with its cursor in a header', async () => {
    await api.keep(anEnded())
    await keepChunk(1, 0, [line('1'), line('2')])
    for (const response of [
      await api.send(`${path}?format=text`),
      await api.send(path, { headers: { Accept: 'text/plain' } }),
    ]) {
      expect(await response.text()).toBe('1\n2\n')
      expect(response.headers.get('X-Scalable-Job-Log-Cursor')).toBe('1:0000000001')
      expect(response.headers.get('X-Scalable-Job-Log-Done')).toBe('true')
    }
  })

  test('an answer is bounded in bytes, and the next one goes on', async () => {
    await api.keep(anEnded())
    const big = 'x'.repeat(600_000)
    await keepChunk(1, 0, [line(big), line(big), line('last')])
    const first = await readPage()
    expect(first.lines).toHaveLength(2)
    expect(texts(await readPage(`?cursor=${first.cursor}`))).toEqual(['last'])
  })
})

describe('text/event-stream', () => {
  const headers = { Accept: 'text/event-stream' }

  test('each line is an event whose id resumes behind it, and the end is one too', async () => {
    await api.keep(anEnded())
    await keepChunk(1, 0, [line('1'), line('2')])
    const response = await api.send(path, { headers })
    expect(response.headers.get('Content-Type')).toContain('text/event-stream')
    const events = await response.text()
    expect(events.match(/^event: line$/gm)).toHaveLength(2)
    expect(events).toContain('event: done')
    const [id1 = ''] = [...events.matchAll(/^id: (.*)$/gm)].map(([, value]) => value)
    const rest = await api.send(path, { headers: { ...headers, 'Last-Event-ID': id1 } })
    expect((await rest.text()).match(/"text":"."/g)).toEqual(['"text":"2"'])
  })

  test('behind API Gateway, which cannot stream, the same request gets JSON', async () => {
    const buffered = anApi({ canStream: false })
    await buffered.keep(anEnded())
    const response = await buffered.send(path, { headers })
    expect(response.headers.get('Content-Type')).toContain('application/json')
    await buffered.close()
  })

  test('lines arrive while the job runs, and a caller that leaves ends the reading', async () => {
    let reads = 0
    const files = api.files
    const watched = anApi({
      clock: clockFromNoon(),
      ports: {
        table: api.table,
        files: {
          put: (file) => files.put(file),
          read: (key, maxBytes) => {
            reads += 1
            return files.read(key, maxBytes)
          },
          stream: (key, range) => files.stream(key, range),
          info: (key) => files.info(key),
          list: (prefix, page) => files.list(prefix, page),
          delete: (keys) => files.delete(keys),
          downloadLink: (key, seconds) => files.downloadLink(key, seconds),
          uploadLink: (key, seconds, maxBytes) => files.uploadLink(key, seconds, maxBytes),
          close: () => files.close(),
        },
      },
    })
    await api.keep(aRunning())
    const server = serve({ fetch: watched.app.fetch, port: 0, hostname: '127.0.0.1' })
    await waitFor('the server', () => server.listening)
    const { port } = server.address() as AddressInfo
    const leave = new AbortController()
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { ...headers, Authorization: TOKEN },
      signal: leave.signal,
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    await keepChunk(1, 0, [line('live')])
    let text = ''
    while (!text.includes('live')) text += (await reader?.read())?.value ?? ''
    leave.abort()
    expect(text).toContain('event: line')
    await waitFor('the reading to end', async () => {
      const before = reads
      await systemClock.sleep(1200)
      return reads === before
    })
    server.close()
    await watched.close()
  })
})
