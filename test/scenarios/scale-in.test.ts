import { expect, test } from 'vitest'
import { countingCommand } from '../support/counting-command.ts'
import { waitForEnd } from '../support/job-progress.ts'
import { RunningService, storyService } from '../support/running-service.ts'
import { waitFor } from '../support/wait-for.ts'

test('scale-in takes idle workers and no busy one; the last goes after the zero grace', async () => {
  await using running = await RunningService.make(
    storyService({
      autoscaler: {
        min: 0,
        max: 3,
        strategies: { target_wait_seconds: 1 },
        behavior: { onZero: { scaleDownGracePeriodSeconds: 1 } },
      },
    }),
  )
  const { client } = running
  const submit = (steps: number) =>
    client.submit({ taskType: 'command', command: countingCommand(steps, 0.1) })
  const long = await submit(150)
  const short = await Promise.all([submit(40), submit(40)])
  const countWorkers = async () => (await client.service()).workers?.length
  await waitFor('three workers', async () => (await countWorkers()) === 3)
  await Promise.all(short.map(({ id }) => waitForEnd(client, id)))
  await waitFor('idle workers to go', async () => (await countWorkers()) === 1)
  expect(await client.get(long.id)).toMatchObject({ status: 'running', attempt: 1 })

  const ended = await Promise.all([long, ...short].map(({ id }) => waitForEnd(client, id)))
  expect(ended.map(({ status, attempt }) => [status, attempt])).toEqual([
    ['succeeded', 1],
    ['succeeded', 1],
    ['succeeded', 1],
  ])
  await waitFor('no worker', async () => (await countWorkers()) === 0)
})
