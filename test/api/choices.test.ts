import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import { jobChoicesShape, pickChoices } from '../../lib/job/job-choices.ts'
import { aService } from '../support/a-service.ts'
import { anEnded } from './a-life.ts'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi()
})
afterEach(() => api.close())

const COMMAND = { taskType: 'command', command: 'true' }
/** Each of them other than any default. */
const CHOICES = {
  env: { EPOCHS: '3' },
  tags: { run: 'a' },
  limits: { runSeconds: 11, queueSeconds: 12, graceSeconds: 13 },
  retry: { maxRetries: 7, maxLosses: 8, backoffSeconds: 9 },
  checkpointSeconds: 5,
  logToQueue: false,
}

async function submit(body: object): Promise<JobView> {
  const answer = await api.post('/jobs', body)
  expect(answer.status).toBe(201)
  return readAnswer<JobView>(answer)
}

describe('what a submitter chooses', () => {
  test('is all that there is to choose', () => {
    expect(Object.keys(CHOICES).toSorted()).toEqual(Object.keys(jobChoicesShape).toSorted())
  })

  test('stands in the stored job and in every view of it', async () => {
    const view = await submit({ ...COMMAND, ...CHOICES })
    expect(view).toMatchObject(CHOICES)
    expect(pickChoices(await api.row(view.id))).toEqual(CHOICES)
    expect(await readAnswer(await api.send(`/jobs/${view.id}`))).toMatchObject(CHOICES)
  })

  test('is the same for a retry', async () => {
    const { id } = await submit({ ...COMMAND, ...CHOICES })
    await api.keep(anEnded(await api.row(id)))
    const again = await readAnswer<JobView>(await api.post(`/jobs/${id}/retry`, ''))
    expect(again).toMatchObject({ ...CHOICES, retryOf: id })
    expect(pickChoices(await api.row(again.id))).toEqual(CHOICES)
  })

  test.each(['command', 'query'] as const)(
    'is that of the service where nothing was chosen: %s',
    async (taskType) => {
      const { id } = await submit(taskType === 'command' ? COMMAND : { taskType, input: 'x' })
      const { jobDefaults, logToQueue } = aService()
      expect(pickChoices(await api.row(id))).toEqual({
        env: {},
        tags: {},
        ...jobDefaults[taskType],
        logToQueue: logToQueue[taskType],
      })
    },
  )

  test.each([
    ['limits', 'runSeconds'],
    ['limits', 'queueSeconds'],
    ['limits', 'graceSeconds'],
    ['retry', 'maxRetries'],
    ['retry', 'maxLosses'],
    ['retry', 'backoffSeconds'],
  ] as const)('may be %s.%s alone', async (group, name) => {
    const { id } = await submit({ ...COMMAND, [group]: { [name]: 42 } })
    const { command } = aService().jobDefaults
    expect(await api.row(id)).toMatchObject({ [group]: { ...command[group], [name]: 42 } })
  })

  test("is tags for a put; all else is the service's", async () => {
    const id = await (await api.post('/api/predict/digits?taskType=query&run=b', 'x')).text()
    const { jobDefaults, logToQueue } = aService()
    expect(pickChoices(await api.row(id))).toEqual({
      env: {},
      tags: { run: 'b' },
      ...jobDefaults.query,
      logToQueue: logToQueue.query,
    })
  })
})
