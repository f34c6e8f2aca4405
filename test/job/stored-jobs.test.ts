import { describe, expect, test } from 'vitest'
import type { Job } from '../../lib/job/job.ts'
import { putJob, toStoredJob, toStoredJobs } from '../../lib/job/store/job-row.ts'
import type { JsonObject } from '../../lib/ports/json.ts'
import type { PutRow } from '../../lib/ports/table.ts'
import { aJob } from '../support/a-job.ts'
import { storedRows, toRow } from '../support/stored-rows.ts'

function read(data: JsonObject): Job {
  return toStoredJob({ key: { pk: 'job#7', sk: 'state' }, rev: 1, data }).job
}

function rowOf(job: Job = aJob()): JsonObject {
  return putJob(job, 'any').data
}

function indexesOf({ indexes = [] }: PutRow) {
  return indexes.toSorted((one, other) => one.index.localeCompare(other.index))
}

describe('the row of a job', () => {
  test('is read as it was written, whatever its status', () => {
    const rows = storedRows('jobs', 1)
    expect(new Set(rows.map(({ data }) => data['status'])).size).toBe(4)
    for (const row of rows) {
      const { job, rev } = toStoredJob(toRow(row))
      expect({ format: 1, ...job }).toEqual(row.data)
      expect(rev).toBe(7)
      expect(putJob(job, 'any').data).toEqual(row.data)
      expect(indexesOf(putJob(job, 'any'))).toEqual(indexesOf(row))
    }
  })

  test('of the time before formats is read, and from the next write on it has one', () => {
    const rows = storedRows('jobs', 0)
    expect(rows.some(({ data }) => 'signalAt' in data)).toBe(true)
    for (const row of rows) {
      const { signalAt, signalsSent, ...same } = row.data
      const { job } = toStoredJob(toRow(row))
      expect(job).toEqual({
        ...same,
        readySent: signalsSent,
        ...(signalAt !== undefined && { readyAt: signalAt }),
      })
      expect(putJob(job, 'any').data).toMatchObject({ format: 1 })
      expect(indexesOf(putJob(job, 'any'))).toEqual(indexesOf(row))
    }
  })

  test('that a worker of that time requeued is due when that worker said', () => {
    const job = read({ ...rowOf(), signalAt: '2026-01-01T13:00:00.000Z', signalsSent: 0 })
    expect(job).toEqual(aJob({ readyAt: '2026-01-01T13:00:00.000Z', readySent: 0 }))
  })

  test('without the fields of later versions has their defaults', () => {
    const { env, tags, checkpointSeconds, logToQueue, attempts, ...older } = rowOf()
    expect([env, tags, attempts]).toEqual([{}, {}, []])
    expect([checkpointSeconds, logToQueue]).toEqual([30, false])
    expect(read(older)).toEqual(aJob({ checkpointSeconds: 0 }))
  })

  test('with fields of a later version keeps them', () => {
    const job = read({ ...rowOf(), colour: 'red' })
    expect(putJob(job, 'any').data).toMatchObject({ colour: 'red' })
  })

  test('of a newer format is refused by name', () => {
    expect(() => read({ ...rowOf(), format: 2 })).toThrow(
      expect.objectContaining({
        code: 'unknown-row',
        message:
          'the row of job 7 cannot be read: format is of a format that this version does not know, 2',
      }),
    )
  })

  test.each([
    ['no id', { id: 5 }],
    ['an unknown status', { status: 'held' }],
    ['an unknown task type', { taskType: 'array' }],
    ['an attempt below 0', { attempt: -1 }],
    ['half a lease', { lease: { workerId: 'w1' } }],
    ['limits that are no numbers', { limits: { runSeconds: '1' } }],
    ['attempts that are no list', { attempts: 'none' }],
    ['a format that is no number', { format: 'two' }],
  ])('with %s is refused, and hides none of the others', (_what, change) => {
    const key = { pk: 'job#8', sk: 'state' }
    const bad = { key, rev: 1, data: { ...rowOf(), ...change } }
    const { jobs, unread } = toStoredJobs([bad, { key, rev: 2, data: rowOf() }])
    expect(jobs).toEqual([{ job: aJob(), rev: 2 }])
    expect(unread).toEqual([expect.stringMatching(/^the row of job 8 cannot be read: /)])
  })
})
