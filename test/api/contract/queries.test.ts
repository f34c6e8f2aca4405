import { describe, expect, test } from 'vitest'
import { listQuerySchema } from '../../../lib/api/contract/list-query.ts'
import { logQuerySchema } from '../../../lib/api/contract/log-query.ts'
import { putQuerySchema, splitPutQuery } from '../../../lib/api/contract/put-query.ts'

describe('the query string of logs', () => {
  test('has defaults', () => {
    expect(logQuerySchema.parse({})).toEqual({ limit: 1000, waitSeconds: 0 })
  })

  test.each([
    [{ limit: '1' }, true],
    [{ limit: '5000' }, true],
    [{ limit: '0' }, false],
    [{ limit: '5001' }, false],
    [{ waitSeconds: '20' }, true],
    [{ waitSeconds: '21' }, false],
    [{ stream: 'system' }, true],
    [{ stream: 'all' }, false],
    [{ format: 'text' }, true],
    [{ format: 'xml' }, false],
    [{ cursor: '2:0000000014' }, true],
    [{ cursor: 'x' }, false],
    [{ strange: '1' }, false],
  ])('%j is taken: %s', (query, isTaken) => {
    expect(logQuerySchema.safeParse(query).success).toBe(isTaken)
  })
})

describe('the query string of a list', () => {
  test('has defaults', () => {
    expect(listQuerySchema.parse({})).toEqual({ limit: 50, tag: [] })
  })

  test.each([
    [{ limit: '1' }, true],
    [{ limit: '200' }, true],
    [{ limit: '0' }, false],
    [{ limit: '201' }, false],
    [{ status: 'canceled' }, true],
    [{ status: 'held' }, false],
    [{ taskType: 'query' }, true],
    [{ taskType: 'array' }, false],
    [{ tag: Array.from({ length: 50 }, () => 'a:b') }, true],
    [{ tag: Array.from({ length: 51 }, () => 'a:b') }, false],
    [{ tag: ['a'] }, false],
    [{ cursor: 'j1-3711718195200000001' }, true],
    [{ cursor: '3711718195200000001' }, false],
  ])('%j is taken: %s', (query, isTaken) => {
    expect(listQuerySchema.safeParse(query).success).toBe(isTaken)
  })
})

test('of a put, what begins with an underscore is ignored and says why, the rest is tags', () => {
  const query = putQuerySchema.parse({ taskType: 'query', _priority_: '1', _x: '', run: 'a' })
  expect(splitPutQuery(query)).toEqual({
    taskType: 'query',
    tags: { run: 'a' },
    ignored: [
      { name: '_priority_', why: 'jobs of a queue start in about the order in which they came' },
      {
        name: '_x',
        why: 'parameters that begin with "_" are kept for PAI-EAS and mean nothing here',
      },
    ],
  })
})
