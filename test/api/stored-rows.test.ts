import { afterEach, beforeEach, expect, test } from 'vitest'
import { workerKey } from '../../lib/job/keys.ts'
import { putJob } from '../../lib/job/store/job-row.ts'
import { aJob } from '../support/a-job.ts'
import { storedRows } from '../support/stored-rows.ts'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

const NEWER = '3711718195200000900'

let api: TestApi
beforeEach(() => {
  api = anApi()
})
afterEach(() => api.close())

async function keepNewer(): Promise<void> {
  const write = putJob(aJob({ id: NEWER }), 'any')
  await api.table.write([{ ...write, data: { ...write.data, format: 2 } }])
}

test.each([0, 1] as const)('jobs in rows of format %d are shown and listed', async (format) => {
  const rows = storedRows('jobs', format)
  await api.table.write(rows)
  const { jobs } = await readAnswer<{ jobs: { id: string }[] }>(await api.send('/jobs'))
  expect(jobs).toHaveLength(rows.length)
  for (const { id } of jobs) {
    const view = await readAnswer(await api.send(`/jobs/${id}`))
    const row = rows.find(({ data }) => data['id'] === id)
    expect(view).toMatchObject({ id, status: row?.data['status'], tags: row?.data['tags'] })
  }
})

test('a job whose row only a newer version knows is named, and is neither changed nor hides others', async () => {
  await keepNewer()
  await api.keep(aJob())
  for (const [path, method] of [
    ['', 'GET'],
    ['/cancel', 'POST'],
    ['/retry', 'POST'],
  ] as const) {
    const answer = await api.send(`/jobs/${NEWER}${path}`, { method })
    expect(answer.status).toBe(500)
    expect(await readAnswer(answer)).toMatchObject({
      error: { code: 'unknown-row', details: [{ path: 'format', got: '2', allowed: '0 to 1' }] },
    })
  }
  const { jobs } = await readAnswer<{ jobs: { id: string }[] }>(await api.send('/jobs'))
  expect(jobs.map(({ id }) => id)).toEqual([aJob().id])
  expect(api.logged.some(({ message }) => message === 'a job was left out of a list')).toBe(true)
})

test('a worker whose row cannot be read is left out of the service, which says that some are', async () => {
  const [known] = storedRows('workers', 0)
  const newer = { kind: 'put', key: workerKey('new'), data: { format: 2 }, expect: 'any' } as const
  await api.table.write([...(known ? [known] : []), newer])
  expect(await readAnswer(await api.send('/service'))).toMatchObject({
    workers: [{ workerId: known?.key.sk }],
    notObserved: ['workers'],
  })
})
