import { expect, test } from 'vitest'
import { waitForEnd, waitForLog } from '../support/job-progress.ts'
import { processesWith } from '../support/processes.ts'
import { RunningService, storyService } from '../support/running-service.ts'

const STUBBORN = `
  trap '' TERM
  sh -c 'trap "" TERM; while :; do sleep 0.2; done' &
  setsid sh -c 'while :; do sleep 0.2; done' &
  echo ready
  while :; do sleep 0.2; done`

test('a canceled job leaves no process behind, even when it ignores SIGTERM and forks', async () => {
  await using running = await RunningService.make(storyService())
  const { client } = running
  const limits = { graceSeconds: 0.5 }
  const { id } = await client.submit({ taskType: 'command', command: STUBBORN, limits })
  await waitForLog(client, id, 'ready')
  const { outcome } = await client.cancel(id)
  expect(outcome).toBe('cancel-requested')
  expect(await waitForEnd(client, id)).toMatchObject({
    status: 'canceled',
    reason: 'canceled-by-user',
  })
  expect(processesWith('SCALABLE_JOB_ID', id)).toEqual([])
  expect((await client.cancel(id)).outcome).toBe('already-ended')
})
