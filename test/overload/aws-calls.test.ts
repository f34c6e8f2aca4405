import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sense } from '../../lib/scaler/look/sense.ts'
import { openAwsStore } from '../../lib/adapters/aws/open-aws.ts'
import { statusHash } from '../../lib/job/keys.ts'
import {
  json,
  type Received,
  type ScriptedServer,
  startScripted,
} from '../adapters/aws/scripted-server.ts'
import { storeAt } from '../adapters/aws/store-at.ts'
import { type OpenScaler, openScaler } from '../scaler/a-scaler.ts'
import { aJob } from '../support/a-job.ts'
import { aService } from '../support/a-service.ts'

const FIRST_ID = 3_711_718_195_200_000_000n
const MAX_ROWS = 1001 // one page, and one to see whether another follows

let waiting: number
let server: ScriptedServer
let scaler: OpenScaler

beforeEach(async () => {
  server = await startScripted((request) => json(answer(request)))
  scaler = openScaler()
})
afterEach(async () => {
  await server.stop()
  await scaler.close()
})

interface Asked {
  readonly Limit?: number
  readonly IndexName?: string
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly Key[] }>>
}

interface Key {
  readonly pk: { readonly S: string }
  readonly sk: { readonly S: string }
}

const askedIn = ({ body }: Received) => JSON.parse(body.toString()) as Asked

/** A table and a queue in which so many jobs wait. */
function answer(request: Received): object {
  const asked = askedIn(request)
  if (request.action === 'GetQueueAttributes') {
    const hidden = {
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
    }
    return { Attributes: { ApproximateNumberOfMessages: String(waiting), ...hidden } }
  }
  if (request.action === 'BatchGetItem') {
    const keys = asked.RequestItems?.['jobs']?.Keys ?? []
    return { Responses: { jobs: keys.map(toItem) } }
  }
  const isQueued = asked.ExpressionAttributeValues?.[':hash']?.S === statusHash('queued')
  if (request.action !== 'Query' || !isQueued) return { Items: [] }
  const count = Math.min(asked.Limit ?? waiting, waiting)
  const Items = Array.from({ length: count }, (_, index) => toIndexItem(index))
  return { Items, ...(count < waiting && { LastEvaluatedKey: toIndexItem(count - 1) }) }
}

function toIndexItem(index: number) {
  const id = String(FIRST_ID + BigInt(index))
  const hash = { S: statusHash('queued') }
  return {
    pk: { S: `job#${id}` },
    sk: { S: 'state' },
    byStatusHash: hash,
    byStatusRange: { S: id },
  }
}

function toItem(key: Key) {
  const job = aJob({ id: key.pk.S.slice('job#'.length) })
  return { ...key, rev: { N: '1' }, data: { S: JSON.stringify(job) }, token: { S: 't' } }
}

/** What one observation asks AWS for, with so much waiting. */
async function callsWith(count: number): Promise<readonly Received[]> {
  waiting = count
  const before = server.received.length
  const stores = openAwsStore(
    storeAt(server.endpoint, {
      queueUrls: { command: `${server.endpoint}/command`, query: `${server.endpoint}/query` },
    }),
  )
  const snapshot = await sense({ ...scaler.deps, ...stores }, aService())
  expect(snapshot.observation.depth).toMatchObject({ seen: true, value: { command: count } })
  expect(snapshot.observation.waiting).toMatchObject({ seen: true, value: { isComplete: false } })
  await stores.close()
  return server.received.slice(before)
}

describe('what the scaler asks AWS for', () => {
  it('is the same number of calls with a million waiting jobs as with 1,200', async () => {
    const few = (await callsWith(1200)).map(({ action }) => action).toSorted()
    const many = (await callsWith(1_000_000)).map(({ action }) => action).toSorted()
    expect(many).toEqual(few)
    expect(many.length).toBeLessThan(20)
  })

  it('never scans, names a limit in each query, and reads at most a hundred rows at a time', async () => {
    const calls = await callsWith(1_000_000)
    expect(calls.filter(({ action }) => action === 'Scan')).toEqual([])
    const limits = calls
      .filter(({ action }) => action === 'Query')
      .map((call) => askedIn(call).Limit)
    expect(limits.length).toBeGreaterThan(0)
    for (const limit of limits) expect(limit).toBeLessThanOrEqual(MAX_ROWS)
    const batches = calls.filter(({ action }) => action === 'BatchGetItem')
    for (const batch of batches) {
      expect(askedIn(batch).RequestItems?.['jobs']?.Keys.length).toBeLessThanOrEqual(100)
    }
  })
})
