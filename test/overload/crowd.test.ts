import { type ClientRequest, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBody } from '../../lib/api/read/read-body.ts'
import { InFlightLimit } from '../../lib/api/submit/in-flight-limit.ts'
import type { Client } from '../../lib/client/client.ts'
import { connect } from '../../lib/client/connect.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { waitFor } from '../support/wait-for.ts'

const BODY = JSON.stringify({ taskType: 'command', command: 'true' })
/** As many submits as the service holds at once. */
const ROOM = 400
const MIB = 1024 ** 2

let api: LiveApi
beforeEach(async () => {
  api = await aLiveApi()
})
afterEach(async () => {
  await api.close()
})

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
}

interface Submit {
  /** Its connection: the head and the first bytes of the body are on their way. */
  readonly sent: ClientRequest
  readonly answer: Promise<Answer>
}

/** A submit whose body waits for its last bytes. */
function beginSubmit(): Submit {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(BODY),
  }
  const sent = request(`${api.url}/jobs`, { method: 'POST', headers, agent: false })
  const answer = new Promise<Answer>((done, fail) => {
    sent.once('error', fail).once('response', (response) => {
      const { statusCode: status = 0 } = response
      response.resume()
      done({ status, retryAfter: response.headers['retry-after'] })
    })
  })
  sent.write(BODY.slice(0, 5))
  return { sent, answer }
}

async function submitWhole(): Promise<Answer> {
  const { sent, answer } = beginSubmit()
  sent.end(BODY.slice(5))
  return answer
}

describe('more submits at once than the service holds', () => {
  it('are refused with Retry-After while reads are answered, and nothing accepted is lost', async () => {
    const held = Array.from({ length: ROOM }, beginSubmit)
    const refused = await waitFor('a refusal', async () => {
      const answer = await submitWhole()
      return answer.status === 429 ? answer : undefined
    })
    expect(refused.retryAfter).toMatch(/^[1-9]\d?$/)
    const client = connect({ url: api.url, token: TOKEN })
    expect(await client.health()).toMatchObject({ status: 'ok' })
    expect(await client.output()).toEqual({ messages: [] })
    const before = await countJobs(client)
    for (const { sent } of held) sent.end(BODY.slice(5))
    const answers = await Promise.all(held.map(({ answer }) => answer))
    expect(answers.every(({ status }) => status === 201)).toBe(true)
    expect(await countJobs(client)).toBe(before + ROOM)
    expect(await submitWhole()).toMatchObject({ status: 201 })
  })
})

async function countJobs(client: Client): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const page = await client.list({ limit: 100, cursor })
    count += page.jobs.length
    cursor = page.next
  } while (cursor !== undefined)
  return count
}

describe('the room for bodies', () => {
  const post = (bytes: number) =>
    new Request('http://service.test/jobs', {
      method: 'POST',
      headers: { 'content-length': String(bytes) },
    })
  const unknownLength = new Request('http://service.test/jobs', { method: 'POST' })

  it('is one for all bodies; one of unknown length counts as the largest', async () => {
    const room = new InFlightLimit(systemClock, { maxBytes: 10 * MIB })
    const done = Promise.withResolvers<string>()
    const first = room.within(unknownLength, 4 * MIB, () => done.promise)
    const second = room.within(post(6 * MIB), 8 * MIB, () => done.promise)
    const third = room.within(post(1), 8 * MIB, () => done.promise)
    await expect(third).rejects.toMatchObject({ code: 'too-many-requests', status: 429 })
    done.resolve('accepted')
    expect(await Promise.all([first, second])).toEqual(['accepted', 'accepted'])
    expect(await room.within(post(1), MIB, async () => 'next')).toBe('next')
  })

  it('takes a body that is larger than all of it, alone', async () => {
    const room = new InFlightLimit(systemClock, { maxBytes: MIB })
    expect(await room.within(post(4 * MIB), 4 * MIB, async () => 'accepted')).toBe('accepted')
  })

  it('is free again after work that failed', async () => {
    const room = new InFlightLimit(systemClock, { maxSubmits: 1 })
    const failed = room.within(post(1), MIB, () => Promise.reject(new Error('no')))
    await expect(failed).rejects.toThrow('no')
    expect(await room.within(post(1), MIB, async () => 'next')).toBe('next')
  })
})

describe('a body that trickles', () => {
  it('gives its place back after a minute', async () => {
    const clock = new FakeClock()
    let isLeft = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('{')),
      cancel: () => {
        isLeft = true
      },
    })
    const trickling = new Request('http://service.test/jobs', {
      method: 'POST',
      body,
      duplex: 'half',
    })
    const read = readBody(trickling, MIB, clock).catch((error: unknown) => error)
    await clock.advance(60_000)
    expect(await read).toMatchObject({ code: 'invalid-request' })
    expect(isLeft).toBe(true)
  })
})
