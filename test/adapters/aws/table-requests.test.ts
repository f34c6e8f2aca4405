import { describe, expect, test } from 'vitest'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import type { Write } from '../../../lib/ports/table.ts'
import { json, jsonError, type Reply } from './scripted-server.ts'
import { scriptedTable } from './scripted-stores.ts'

const scripted = scriptedTable()

const KEY = { pk: 'job#1', sk: 'state' }
const ITEM = { pk: { S: 'job#1' }, sk: { S: 'state' }, rev: { N: '3' }, data: { S: '{"a":1}' } }
const MAX_TRIES = 8

function put(more: Partial<Extract<Write, { kind: 'put' }>> = {}): Write {
  return { kind: 'put', key: KEY, data: { a: 1 }, expect: 'absent', ...more }
}

/** Two rows, which only a transaction can write. */
function pair(expectation: Write['expect'] = 'absent'): Write[] {
  return [put({ expect: expectation }), put({ key: { pk: 'job#2', sk: 'state' } })]
}

function canceled(...codes: string[]): Reply {
  const CancellationReasons = codes.map((Code) => ({ Code, Message: `${Code} for the test` }))
  return jsonError('TransactionCanceledException', 400, { CancellationReasons })
}

describe('rows are read as they stand, and never as a copy has them', () => {
  test('one by its key', async () => {
    const table = await scripted.open(() => json({ Item: ITEM }))
    await table.get(KEY)
    expect(scripted.bodies()).toMatchObject([{ TableName: 'jobs', ConsistentRead: true }])
  })

  test('many by their keys', async () => {
    const table = await scripted.open(() => json({ Responses: { jobs: [ITEM] } }))
    await table.getMany([KEY, KEY])
    const Keys = [{ pk: { S: 'job#1' }, sk: { S: 'state' } }]
    const RequestItems = { jobs: { ConsistentRead: true, Keys } }
    expect(scripted.bodies()).toMatchObject([{ RequestItems }])
  })

  test('those of a list', async () => {
    const table = await scripted.open(() => json({ Items: [ITEM] }))
    await table.list('job#1', { limit: 5 })
    const asked = { ConsistentRead: true, ScanIndexForward: true, Limit: 6 }
    expect(scripted.bodies()).toMatchObject([asked])
  })
})

test('a list with the newest first is read backwards, and goes on behind its last row', async () => {
  const table = await scripted.open(() => json({ Items: [ITEM, ITEM] }))
  const { next } = await table.list('job#1', { limit: 1, newestFirst: true })
  await table.list('job#1', { limit: 1, after: next as string })
  const [first, second] = scripted.bodies()
  expect(first).toMatchObject({ ScanIndexForward: false })
  expect(first).not.toHaveProperty('ExclusiveStartKey')
  expect(second?.['ExclusiveStartKey']).toEqual({ pk: ITEM.pk, sk: ITEM.sk })
})

test('an index is asked for one partition up to a bound, and goes on behind its last hit', async () => {
  const hit = { pk: { S: 'job#1' }, sk: { S: 'state' }, byDueRange: { S: '5' } }
  const table = await scripted.open(() => json({ Items: [hit, hit] }))
  const query = { index: 'byDue', hash: 'ready', upTo: '9', limit: 1 } as const
  const { next } = await table.queryIndex(query)
  await table.queryIndex({ ...query, after: next as string })
  const [first, second] = scripted.bodies()
  expect(first).toMatchObject({
    IndexName: 'byDue',
    KeyConditionExpression: '#hash = :hash AND #range <= :upTo',
    ExpressionAttributeValues: { ':hash': { S: 'ready' }, ':upTo': { S: '9' } },
    ScanIndexForward: true,
  })
  expect(Object.values(second?.['ExclusiveStartKey'] as object)).toEqual(
    expect.arrayContaining([{ S: 'job#1' }, { S: 'state' }, { S: 'ready' }, { S: '5' }]),
  )
})

describe('a row that is written', () => {
  test('expires at the next whole second', async () => {
    const table = await scripted.open(() => json({}))
    await table.write([put({ expiresAtMs: 1500 })])
    expect(scripted.bodies()).toMatchObject([{ Item: { expiresAt: { N: '2' } } }])
  })

  test('stands under its condition', async () => {
    const table = await scripted.open(() => json({}))
    await table.write([put()])
    await table.write([put({ expect: { rev: 4 } })])
    expect(scripted.bodies()).toMatchObject([
      { ConditionExpression: 'attribute_not_exists(#pk)', Item: { rev: { N: '1' } } },
      {
        ConditionExpression: '#rev = :rev',
        ExpressionAttributeValues: { ':rev': { N: '4' } },
        Item: { rev: { N: '5' } },
      },
    ])
  })

  test('whatever stands, loses what the new row has not', async () => {
    const table = await scripted.open(() => json({ Attributes: { rev: { N: '7' } } }))
    expect(await table.write([put({ expect: 'any' })])).toEqual({ ok: true, revs: [7] })
    const [{ UpdateExpression } = {}] = scripted.bodies()
    expect(UpdateExpression).toMatch(/^SET #data = :data, #token = :token REMOVE .*#expiresAt/)
  })

  test('is refused where it is too large for an item, and nothing is sent', async () => {
    const table = await scripted.open(() => json({}))
    const write = table.write([put({ data: { a: 'x'.repeat(400 * 1024) } })])
    await expect(write).rejects.toThrow(/larger than 400 KB/)
    expect(scripted.received()).toHaveLength(0)
  })

  test('is refused where a call names it twice', async () => {
    const table = await scripted.open(() => json({}))
    await expect(table.write([put(), put()])).rejects.toThrow(/same row twice/)
  })

  test('whose earlier try may have been replaced is unknown, and not refused', async () => {
    const standing = { ...ITEM, token: { S: 'of another' } }
    const table = await scripted.open((_, count) =>
      count === 1
        ? jsonError('InternalServerError', 500)
        : jsonError('ConditionalCheckFailedException', 400, { Item: standing }),
    )
    await expect(table.write([put()])).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('that somebody else wrote first is refused', async () => {
    const standing = { ...ITEM, rev: { N: '1' }, token: { S: 'of another' } }
    const table = await scripted.open(() =>
      jsonError('ConditionalCheckFailedException', 400, { Item: standing }),
    )
    expect(await table.write([put()])).toEqual({ ok: false, refused: [KEY] })
    expect(scripted.received()).toHaveLength(1)
  })
})

describe('a delete', () => {
  test('of whatever stands answers the revision that it deleted; 0 where there was none', async () => {
    const table = await scripted.open((_, count) => json(count === 1 ? { Attributes: ITEM } : {}))
    const remove: Write = { kind: 'delete', key: KEY, expect: 'any' }
    expect(await table.write([remove])).toEqual({ ok: true, revs: [3] })
    expect(await table.write([remove])).toEqual({ ok: true, revs: [0] })
  })

  test('of a known revision is a transaction, whose token tells its repeat', async () => {
    const table = await scripted.open(() => json({}))
    await table.write([{ kind: 'delete', key: KEY, expect: { rev: 3 } }])
    expect(scripted.received()[0]?.action).toBe('TransactWriteItems')
    expect(scripted.bodies()[0]).toHaveProperty('ClientRequestToken', expect.any(String))
  })
})

describe('a transaction that DynamoDB cancels', () => {
  test('because it is wrong throws at once', async () => {
    const table = await scripted.open(() => canceled('None', 'ValidationError'))
    await expect(table.write(pair())).rejects.toThrow(/ValidationError for the test/)
    expect(scripted.received()).toHaveLength(1)
  })

  test('for a reason that nobody knows throws at once too', async () => {
    const table = await scripted.open(() => canceled('ItemCollectionSizeLimitExceeded'))
    await expect(table.write(pair())).rejects.toBeInstanceOf(PortUnavailable)
    expect(scripted.received()).toHaveLength(1)
  })

  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'by a passing %s is repeated',
    async (code) => {
      const table = await scripted.open((_, count) =>
        count === 1 ? canceled('None', code) : json({}),
      )
      expect(await table.write(pair())).toEqual({ ok: true, revs: [1, 1] })
    },
  )

  test('again and again gives up after eight tries', async () => {
    const table = await scripted.open(() => canceled('None', 'TransactionConflict'))
    await expect(table.write(pair())).rejects.toBeInstanceOf(PortUnavailable)
    expect(scripted.received()).toHaveLength(MAX_TRIES)
  })

  test('by a condition is refused, with the rows that were', async () => {
    const table = await scripted.open(() => canceled('None', 'ConditionalCheckFailed'))
    const refused = [{ pk: 'job#2', sk: 'state' }]
    expect(await table.write(pair())).toEqual({ ok: false, refused })
  })

  test('because its own first try stands already took place', async () => {
    const table = await scripted.open(({ body }) => {
      const token = { S: JSON.parse(String(body)).ClientRequestToken }
      const CancellationReasons = [{ Code: 'ConditionalCheckFailed', Item: { token } }]
      return jsonError('TransactionCanceledException', 400, { CancellationReasons })
    })
    expect(await table.write(pair())).toEqual({ ok: true, revs: [1, 1] })
  })

  test('because a row without an expectation changed meanwhile reads it again', async () => {
    const reads = [2, 3]
    const table = await scripted.open(({ action }) => {
      if (action !== 'BatchGetItem') {
        return reads.length === 0 ? json({}) : canceled('ConditionalCheckFailed')
      }
      return json({ Responses: { jobs: [{ ...ITEM, rev: { N: String(reads.shift()) } }] } })
    })
    expect(await table.write(pair('any'))).toEqual({ ok: true, revs: [4, 1] })
  })
})

test('a single write that meets transactions again and again gives up after eight tries', async () => {
  const table = await scripted.open(() => jsonError('TransactionConflictException'))
  await expect(table.write([put()])).rejects.toBeInstanceOf(PortUnavailable)
  expect(scripted.received()).toHaveLength(MAX_TRIES)
})

describe('an item that the service did not write is a fault, and no row', () => {
  test.each([
    ['without a revision', { ...ITEM, rev: undefined }],
    ['with an empty revision', { ...ITEM, rev: { N: '' } }],
    ['with half a revision', { ...ITEM, rev: { N: '1.5' } }],
    ['without data', { ...ITEM, data: undefined }],
    ['whose data is a list', { ...ITEM, data: { S: '[]' } }],
    ['whose data is null', { ...ITEM, data: { S: 'null' } }],
  ])('%s', async (_, Item) => {
    const table = await scripted.open(() => json({ Item }))
    const cause = { message: expect.stringMatching(/item of the table/) }
    await expect(table.get(KEY)).rejects.toMatchObject({ cause })
  })
})
