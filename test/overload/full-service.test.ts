import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../lib/client/connect.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import type { QueueDepth, Queues } from '../../lib/ports/queues.ts'
import { anApi, readAnswer, type TestApi } from '../api/an-api.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'
import { aService } from '../support/a-service.ts'
import { FakeClock } from '../support/fake-clock.ts'

const COMMAND = { taskType: 'command', command: 'true' }
const NONE: QueueDepth = { visible: 0, inFlight: 0, delayed: 0 }
const MAX_WAITING = 3

const service = {
  ...aService(),
  intake: { ...aService().intake, maxWaitingJobs: MAX_WAITING },
}

let api: TestApi
let clock: FakeClock
beforeEach(() => {
  clock = new FakeClock()
  api = anApi({ service, clock })
})
afterEach(async () => {
  await api.close()
})

async function submitUntilRefused(): Promise<Response> {
  for (let tries = 0; tries < 50; tries += 1) {
    const answer = await api.post('/jobs', COMMAND)
    if (answer.status !== 201) return answer
  }
  throw new Error('nothing was refused')
}

/** The queues of `api`, of which the depth answers as told. */
function withDepth(depth: Queues['depth']): Queues {
  const { queues } = api
  return {
    send: (queue, messages) => queues.send(queue, messages),
    receive: (queue, how) => queues.receive(queue, how),
    delete: (queue, receipts) => queues.delete(queue, receipts),
    handBack: (queue, receipts, seconds) => queues.handBack(queue, receipts, seconds),
    depth,
    close: async () => undefined,
  }
}

describe('a service that has as many waiting jobs as it may', () => {
  it('says which limit, how many there are, and after how many whole seconds to come back', async () => {
    const refused = await submitUntilRefused()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toMatch(/^[1-9]\d?$/)
    const { error } = await readAnswer<{ error: { code: string; details: object[] } }>(refused)
    expect(error.code).toBe('too-many-requests')
    expect(error.details).toEqual([
      {
        path: 'service.intake.maxWaitingJobs',
        problem: 'is reached',
        got: `${MAX_WAITING} waiting jobs`,
        allowed: `fewer than ${MAX_WAITING}`,
      },
    ])
    expect(await api.countJobs()).toBe(MAX_WAITING)
  })

  it('goes on answering everything else, and takes jobs again once it has drained', async () => {
    await submitUntilRefused()
    const { jobs } = await readAnswer<{ jobs: { id: string }[] }>(await api.send('/jobs'))
    const paths = ['/healthz', '/jobs', `/jobs/${jobs[0]?.id}`, '/output', '/service']
    for (const path of paths) expect((await api.send(path)).status).toBe(200)
    expect((await api.post(`/jobs/${jobs[0]?.id}/cancel`, '')).status).toBe(200)
    const how = { max: 10, waitSeconds: 0, visibilitySeconds: 60 }
    const received = await api.queues.receive('command', how)
    await api.queues.delete(
      'command',
      received.map(({ receipt }) => receipt),
    )
    await clock.advance(10_000)
    expect((await api.post('/jobs', COMMAND)).status).toBe(201)
  })

  it('keeps counting what it accepts while the depth cannot be read', async () => {
    const depth = () => Promise.reject(new PortUnavailable('queues', 'depth', new Error('down')))
    const blind = anApi({ service, clock, ports: { queues: withDepth(depth) } })
    const statuses: number[] = []
    for (let tries = 0; tries < 6; tries += 1) {
      statuses.push((await blind.post('/jobs', COMMAND)).status)
      await clock.advance(4000)
    }
    expect(statuses).toEqual([201, 201, 201, 429, 429, 429])
    await blind.close()
  })

  it('lets no submit wait for a depth that is slow in coming', async () => {
    let asked = 0
    const depth = async () => {
      asked += 1
      return asked <= 2 ? NONE : new Promise<QueueDepth>(() => undefined)
    }
    const slow = anApi({ service, clock, ports: { queues: withDepth(depth) } })
    expect((await slow.post('/jobs', COMMAND)).status).toBe(201)
    await clock.advance(4000)
    expect((await slow.post('/jobs', COMMAND)).status).toBe(201)
    expect(asked).toBe(4)
    await slow.close()
  })
})

describe('a client of a full service', () => {
  let live: LiveApi
  beforeEach(async () => {
    live = await aLiveApi()
  })
  afterEach(async () => {
    await live.close()
  })

  it('comes back when it was told to, and makes one job', async () => {
    const times: number[] = []
    live.disturb((request) => {
      times.push(performance.now())
      if (times.length > 1) return live.front(request)
      return new Response('', { status: 429, headers: { 'retry-after': '1' } })
    })
    const client = connect({ url: live.url, token: TOKEN })
    const { id } = await client.submit({ taskType: 'command', command: 'true' })
    const [first = 0, second = 0] = times
    expect(second - first).toBeGreaterThan(950)
    const { jobs } = await client.list()
    expect(jobs.map((job) => job.id)).toEqual([id])
  })
})
