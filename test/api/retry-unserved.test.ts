import { expect, test } from 'vitest'
import { endUnserved } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { aService } from '../support/a-service.ts'
import { anApi, readAnswer } from './an-api.ts'

test('a job that ended as not-served runs again once the service takes its type again', async () => {
  const both = anApi()
  const commands = anApi({
    service: aService({ taskTypes: ['command'] }),
    ports: { table: both.table, queues: both.queues },
  })
  const submitted = await both.post('/jobs', { taskType: 'query', input: { x: 1 } })
  const { id } = await readAnswer<{ id: string }>(submitted)
  await changeJob(both.table, { id }, (job) => endUnserved(job, Date.parse(job.queuedAt)))
  expect(await readAnswer(await both.send(`/jobs/${id}`))).toMatchObject({
    status: 'failed',
    reason: 'not-served',
  })
  expect((await commands.post(`/jobs/${id}/retry`, '')).status).toBe(400)
  const retried = await both.post(`/jobs/${id}/retry`, '')
  expect(await readAnswer(retried)).toMatchObject({ status: 'queued', retryOf: id })
  await commands.close()
  await both.close()
})
