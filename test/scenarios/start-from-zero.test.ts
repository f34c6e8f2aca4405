import { expect, test } from 'vitest'
import { waitForEnd } from '../support/job-progress.ts'
import { QUICK_TIMING, RunningService, storyService } from '../support/running-service.ts'

test('with no worker running, a submit alone brings one: nobody waits for the next look', async () => {
  const timing = { ...QUICK_TIMING, look_seconds: 60 }
  await using running = await RunningService.make(storyService({ scalable_job: { timing } }))
  const { client } = running
  expect((await client.service()).workers).toEqual([])
  const { id } = await client.submit({ taskType: 'command', command: 'echo hello' })
  expect(await waitForEnd(client, id)).toMatchObject({ status: 'succeeded', attempt: 1 })
})

test('with the kick turned off, the next look brings a worker', async () => {
  const timing = { ...QUICK_TIMING, look_seconds: 1, kick_on_submit: false }
  await using running = await RunningService.make(storyService({ scalable_job: { timing } }))
  const { client } = running
  const { id } = await client.submit({ taskType: 'command', command: 'echo hello' })
  expect(await waitForEnd(client, id)).toMatchObject({ status: 'succeeded', attempt: 1 })
})
