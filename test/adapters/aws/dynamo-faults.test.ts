import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallLimits } from '../../../lib/adapters/aws/aws-settings.ts'
import type { DynamoTable } from '../../../lib/adapters/aws/dynamodb/dynamo-table.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import type { Write } from '../../../lib/ports/table.ts'
import { uniqueName } from '../../contracts/define-contract.ts'
import { createTable } from './create-table.ts'
import { type Emulator, hasEmulators, startEmulator } from './emulator.ts'
import { forward, json, jsonError, type Reply } from './scripted-server.ts'
import { scriptedTable } from './scripted-stores.ts'

const scripted = scriptedTable()

/** So that trouble that does not pass ends soon. */
const IMPATIENT: CallLimits = { tryMs: 500, callMs: 1000, maxTries: 3 }

const KEY = { pk: 'job#1', sk: 'state' }
const ITEM = { pk: { S: 'job#1' }, sk: { S: 'state' }, rev: { N: '3' }, data: { S: '{"a":1}' } }
const ROW = { key: KEY, rev: 3, data: { a: 1 } }

function put(key = KEY, expectation: Write['expect'] = 'absent'): Write {
  return { kind: 'put', key, data: { a: 1 }, expect: expectation }
}

describe('a table out of reach is said to be so, and never empty', () => {
  test.each([
    ['server faults', jsonError('InternalServerError', 500)],
    ['throttles', jsonError('ProvisionedThroughputExceededException')],
    ['throttles the account', jsonError('ThrottlingException')],
    ['denies access', jsonError('AccessDeniedException')],
    ['knows no such table', jsonError('ResourceNotFoundException')],
    ['drops connections', 'drop'],
    ['answers what is no JSON', { status: 200, body: '<html>' }],
  ] satisfies [string, Reply][])('while DynamoDB %s', async (_, reply) => {
    const opened = await scripted.open(() => reply, IMPATIENT)
    await expect(opened.get(KEY)).rejects.toBeInstanceOf(PortUnavailable)
    await expect(opened.write([put()])).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('while nobody listens', async () => {
    const opened = await scripted.open(() => 'hang')
    await scripted.stopServer()
    await expect(opened.get(KEY)).rejects.toBeInstanceOf(PortUnavailable)
  })

  test.each(['hang', 'stall'] as const)('within 10 s while answers %s', async (reply) => {
    const opened = await scripted.open(() => reply)
    const startMs = performance.now()
    await expect(opened.get(KEY)).rejects.toBeInstanceOf(PortUnavailable)
    expect(performance.now() - startMs).toBeLessThan(10_000)
  })

  test('but a call that DynamoDB finds wrong is a fault of its own', async () => {
    const opened = await scripted.open(() => jsonError('ValidationException'))
    await expect(opened.get(KEY)).rejects.toMatchObject({ name: 'ValidationException' })
    expect(scripted.received()).toHaveLength(1)
  })
})

describe('passing trouble is not seen', () => {
  test.each([
    ['a server fault', jsonError('InternalServerError', 500)],
    ['a throttle', jsonError('ProvisionedThroughputExceededException')],
    ['a dropped connection', 'drop'],
  ] satisfies [string, Reply][])('%s', async (_, reply) => {
    const opened = await scripted.open((__, count) => (count < 3 ? reply : json({ Item: ITEM })))
    expect(await opened.get(KEY)).toEqual(ROW)
  })

  test('one try that hangs is given up for the next', async () => {
    const opened = await scripted.open((_, count) => (count === 1 ? 'hang' : json({ Item: ITEM })))
    expect(await opened.get(KEY)).toEqual(ROW)
  })

  test('keys that a batch left over are asked for again', async () => {
    const keys = [KEY, { pk: 'job#2', sk: 'state' }]
    const second = { ...ITEM, pk: { S: 'job#2' } }
    const left = { jobs: { Keys: [{ pk: { S: 'job#2' }, sk: { S: 'state' } }] } }
    const opened = await scripted.open((_, count) =>
      count === 1
        ? json({ Responses: { jobs: [ITEM] }, UnprocessedKeys: left })
        : json({ Responses: { jobs: [second] }, UnprocessedKeys: {} }),
    )
    expect((await opened.getMany(keys)).map(({ key }) => key)).toEqual(keys)
  })

  test('a list goes on where DynamoDB ended its answer early', async () => {
    const items = ['1', '2', '3'].map((sk) => ({ ...ITEM, sk: { S: sk } }))
    const opened = await scripted.open((_, count) => {
      const LastEvaluatedKey = { pk: { S: 'job#1' }, sk: { S: String(count) } }
      return json({ Items: [items[count - 1]], ...(count < 3 && { LastEvaluatedKey }) })
    })
    const { rows, next } = await opened.list('job#1', { limit: 10 })
    expect(rows.map(({ key }) => key.sk)).toEqual(['1', '2', '3'])
    expect(next).toBeUndefined()
  })

  test('a transaction that meets another is repeated and not refused', async () => {
    const busy = jsonError('TransactionCanceledException', 400, {
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
    })
    const opened = await scripted.open((_, count) => (count < 3 ? busy : json({})))
    const writes = [put(), put({ pk: 'job#2', sk: 'state' })]
    expect(await opened.write(writes)).toEqual({ ok: true, revs: [1, 1] })
    const tokens = scripted.bodies().map(({ ClientRequestToken }) => ClientRequestToken)
    expect(new Set(tokens).size).toBe(1)
  })

  test('a single write that meets a transaction is repeated too', async () => {
    const busy = jsonError('TransactionConflictException')
    const opened = await scripted.open((_, count) => (count < 3 ? busy : json({})))
    expect(await opened.write([put()])).toEqual({ ok: true, revs: [1] })
  })
})

test('a page token that was not given out is an error of the request', async () => {
  const opened = await scripted.open(() => json({ Items: [] }))
  const page = { limit: 1, after: 'forged' }
  await expect(opened.list('job#1', page)).rejects.toMatchObject({ code: 'invalid-request' })
  expect(scripted.received()).toHaveLength(0)
})

describe.skipIf(!hasEmulators)('a write whose answer is lost counts as what it was', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator('ministack')
    await createTable(emulator.endpoint)
  })
  afterAll(() => emulator.stop())

  /** Every write takes effect; the answer to each first try is lost on the way. */
  async function openLossy(): Promise<DynamoTable> {
    const seen = new Set<unknown>()
    return scripted.open(async (request) => {
      const reply = await forward(emulator.endpoint, request)
      const isWrite = !/^(Get|BatchGet|Query)/.test(request.action)
      const first = !seen.has(request.headers['amz-sdk-invocation-id'])
      seen.add(request.headers['amz-sdk-invocation-id'])
      return isWrite && first ? 'drop' : reply
    })
  }

  const newKey = () => ({ pk: uniqueName('lost'), sk: 'state' })

  test('a new row', async () => {
    const lossy = await openLossy()
    const key = newKey()
    expect(await lossy.write([put(key)])).toEqual({ ok: true, revs: [1] })
    expect(await lossy.write([put(key)])).toEqual({ ok: false, refused: [key] })
  })

  test('a change of a known revision', async () => {
    const lossy = await openLossy()
    const key = newKey()
    await lossy.write([put(key)])
    expect(await lossy.write([put(key, { rev: 1 })])).toEqual({ ok: true, revs: [2] })
    expect((await lossy.get(key))?.rev).toBe(2)
  })

  test('a write whatever stands, which counts once', async () => {
    const lossy = await openLossy()
    const key = newKey()
    expect(await lossy.write([put(key, 'any')])).toEqual({ ok: true, revs: [1] })
    expect(await lossy.write([put(key, 'any')])).toEqual({ ok: true, revs: [2] })
    expect((await lossy.get(key))?.rev).toBe(2)
  })

  test('several rows', async () => {
    const lossy = await openLossy()
    const [one, two] = [newKey(), newKey()]
    expect(await lossy.write([put(one), put(two, 'any')])).toEqual({ ok: true, revs: [1, 1] })
    expect(await lossy.getMany([one, two])).toHaveLength(2)
  })

  test('a delete of a known revision', async () => {
    const lossy = await openLossy()
    const key = newKey()
    await lossy.write([put(key)])
    const remove: Write = { kind: 'delete', key, expect: { rev: 1 } }
    expect((await lossy.write([remove])).ok).toBe(true)
    expect(await lossy.write([remove])).toEqual({ ok: false, refused: [key] })
  })
})
