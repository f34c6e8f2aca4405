import { expect, test } from 'vitest'
import type { Client } from '../../lib/client/client.ts'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import { countingCommand } from '../support/counting-command.ts'
import { readArtifact, readLog, waitForEnd, waitForLog } from '../support/job-progress.ts'
import { guardPids, processesWith, workerPids } from '../support/processes.ts'
import { RunningService, storyService } from '../support/running-service.ts'
import { waitFor } from '../support/wait-for.ts'

function submitCounting(client: Client, steps: number): Promise<JobView> {
  const command = countingCommand(steps, 0.1)
  return client.submit({
    taskType: 'command',
    command,
    checkpointSeconds: 0.3,
    logToQueue: false,
  })
}

function waitForCheckpoint(client: Client, id: string): Promise<JobView> {
  return waitFor(`a checkpoint of job ${id}`, async () => {
    const job = await client.get(id)
    return job.checkpoint !== undefined && job
  })
}

/** What still runs of an attempt. */
function attemptPids(id: string, attempt: number): number[] {
  const ofJob = new Set(processesWith('SCALABLE_JOB_ID', id))
  return processesWith('SCALABLE_JOB_ATTEMPT', String(attempt)).filter((pid) => ofJob.has(pid))
}

async function pidOfWorkerOf(client: Client, job: JobView): Promise<number> {
  const { workers = [] } = await client.service()
  const taskId = workers.find(({ workerId }) => workerId === job.workerId)?.taskId ?? ''
  const [pid] = workerPids(taskId)
  if (pid === undefined) throw new Error(`no process of worker ${job.workerId}`)
  return pid
}

test('kill -9 of a worker: its job runs again from its checkpoint and ends once', async () => {
  await using running = await RunningService.make(storyService())
  const { client } = running
  const { id } = await submitCounting(client, 40)
  const job = await waitForCheckpoint(client, id)
  process.kill(await pidOfWorkerOf(client, job), 'SIGKILL')

  const ended = await waitForEnd(client, id)
  expect(ended).toMatchObject({ status: 'succeeded', attempt: 2, lossesUsed: 0 })
  expect(ended.attempts.map(({ reason }) => reason)).toEqual(['worker-lost', 'completed'])
  expect(await readArtifact(client, id, 'state')).toBe('40 2\n')
  expect(await readLog(client, id)).toMatch(/start 2 goes on from [1-9]/)
  const { messages } = await client.output({ max: 10, waitSeconds: 10 })
  expect(messages.map(({ body }) => (body as { id: string }).id)).toEqual([`${id}:2:end`])
})

test('kill -9 of a worker and its guards at once: the second attempt never meets the first', async () => {
  await using running = await RunningService.make(storyService())
  const { client } = running
  const { id } = await submitCounting(client, 60)
  const job = await waitForCheckpoint(client, id)
  const pid = await pidOfWorkerOf(client, job)
  for (const each of [...guardPids(pid), pid]) process.kill(each, 'SIGKILL')

  await waitFor('the second attempt', async () => (await client.get(id)).attempt === 2)
  expect(attemptPids(id, 1)).toEqual([])
  expect(await waitForEnd(client, id)).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(await readArtifact(client, id, 'state')).toBe('60 2\n')
})

test('a worker that is stopped for longer than its lease overwrites nothing when it comes back', async () => {
  await using running = await RunningService.make(storyService())
  const { client } = running
  const { id } = await submitCounting(client, 60)
  const job = await waitForCheckpoint(client, id)
  const pid = await pidOfWorkerOf(client, job)
  process.kill(pid, 'SIGSTOP')
  try {
    await waitFor('the second attempt', async () => (await client.get(id)).attempt === 2)
    expect(attemptPids(id, 1)).toEqual([])
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  const ended = await waitForEnd(client, id)
  expect(ended).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(ended.attempts.map(({ reason }) => reason)).toEqual(['worker-lost', 'completed'])
  expect(await readArtifact(client, id, 'state')).toBe('60 2\n')
})

test('kill -9 of the whole service in the middle of ten jobs: after a start each has one end', async () => {
  await using running = await RunningService.make(storyService())
  const jobs = await Promise.all(
    Array.from({ length: 10 }, () => submitCounting(running.client, 15)),
  )
  await waitForLog(running.client, jobs[0]?.id ?? '', 'step 3')
  await running.kill()
  await running.start()
  const ended = await Promise.all(jobs.map(({ id }) => waitForEnd(running.client, id, 60_000)))
  expect(ended.map(({ status }) => status)).toEqual(Array(10).fill('succeeded'))
  for (const { id, attempts } of ended) {
    expect(attempts.filter(({ reason }) => reason === 'completed')).toHaveLength(1)
    expect(await readArtifact(running.client, id, 'state')).toMatch(/^15 /)
  }
}, 90_000)

test('Ctrl-C gives running jobs back; they go on from their checkpoint at the next start', async () => {
  await using running = await RunningService.make(storyService())
  const { id } = await submitCounting(running.client, 80)
  await waitForCheckpoint(running.client, id)
  await running.stop()
  expect(processesWith('SCALABLE_JOB_ID', id)).toEqual([])
  expect(running.output).toContain('Draining')
  await running.start()
  const ended = await waitForEnd(running.client, id)
  expect(ended).toMatchObject({ status: 'succeeded', attempt: 2, lossesUsed: 0 })
  expect(ended.attempts.map(({ reason }) => reason)).toEqual(['released', 'completed'])
  expect(await readArtifact(running.client, id, 'state')).toBe('80 2\n')
})
