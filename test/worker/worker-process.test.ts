import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lose } from '../../lib/job/life/attempt-end.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import type { Job } from '../../lib/job/job.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Bench, openBench } from './support/a-bench.ts'
import { FakeAgent } from './support/fake-agent.ts'
import { isAlive, parentOf, pidsIn } from './support/pids.ts'
import { program } from './support/programs.ts'
import {
  startWorkerProcess,
  type WorkerProcess,
  type WorkerProcessOptions,
} from './support/worker-process.ts'

const TIMING = {
  beat_seconds: 0.2,
  lease_seconds: { command: 5, query: 5 },
  look_seconds: 0.5,
  protection_hold_seconds: 0.2,
  stop_seconds: 1,
}

describe('a worker process', () => {
  let bench: Bench
  let agent: FakeAgent
  let agentUri: string
  const processes: WorkerProcess[] = []

  beforeEach(async () => {
    bench = await openBench()
    agent = new FakeAgent()
    agentUri = await agent.listen()
  })

  afterEach(async () => {
    for (const { child } of processes.splice(0)) child.kill('SIGKILL')
    await agent.close()
    await bench.close()
  })

  async function start(options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    const serviceJson = {
      metadata: { name: 'digits', type: 'ScalableJob' },
      containers: [{ image: 'digits' }],
      scalable_job: { timing: TIMING },
    }
    const started = await startWorkerProcess(bench, { agentUri, serviceJson, ...options })
    processes.push(started)
    return started
  }

  /** A running job whose processes (two, one in the background) are known. */
  async function submitTree(): Promise<{ id: string; pids: number[] }> {
    const { id } = await bench.submit(program('forks-children', 1))
    const pids = await waitFor('the processes of the job', async () => {
      const job = await bench.read(id)
      const found = pidsIn(await bench.text(job))
      return found.length === 3 && found
    })
    return { id, pids }
  }

  it('ends 0 after SIGTERM, its job released for the next attempt at once', async () => {
    const worker = await start({ hasSupervisor: true })
    const { id, pids } = await submitTree()
    worker.child.kill('SIGTERM')
    expect(await worker.exited).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    const job = await bench.read(id)
    expect(job).toMatchObject({ status: 'queued', attempt: 1, lossesUsed: 0 })
    expect(job.attempts).toMatchObject([{ reason: 'released' }])
    expect(agent.kicks).toBeGreaterThan(0)
    const { rows } = await bench.table.list('workers', { limit: 10 })
    expect(rows).toEqual([])
  })

  it('leaves no process of its job when it is killed', async () => {
    const worker = await start()
    const { pids } = await submitTree()
    worker.child.kill('SIGKILL')
    await waitFor('the processes to go', () => !pids.some(isAlive), 5000)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('leaves no process when its guard is killed, and the job runs again', async () => {
    await start()
    const { id, pids } = await submitTree()
    const guard = parentOf(pids[0] ?? 0)
    process.kill(guard, 'SIGKILL')
    const job = await waitFor('the second attempt', async () => {
      const now = await bench.read(id)
      return now.attempt === 2 && now
    })
    expect(job).toMatchObject({ retriesUsed: 0, lossesUsed: 1 })
    expect(job.attempts).toMatchObject([{ reason: 'worker-lost' }])
    expect(job.attempts[0]?.message).toContain('guard')
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('works on when its own log cannot be written', async () => {
    const worker = await start({ logFile: '/dev/full' })
    const { id } = await bench.submit('echo done')
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded' })
    worker.child.kill('SIGTERM')
    expect(await worker.exited).toBe(0)
  })

  it('loses its job when it is stopped longer than its lease, and overwrites nothing', async () => {
    const worker = await start()
    const { id, pids } = await submitTree()
    worker.child.kill('SIGSTOP')
    await waitFor('the guard to end the job', () => pids.every((pid) => !isAlive(pid)), 8000)
    const lost = await declareLost(id)
    worker.child.kill('SIGCONT')
    await waitFor('the worker to notice', () => /attempt lost|discarded/.test(worker.output()))
    const job = await bench.read(id)
    expect(job.attempts).toEqual(lost.attempts)
    expect(job.attempts).toMatchObject([{ reason: 'worker-lost' }])
  })

  it('ends when its supervisor is gone, and gives its job back', async () => {
    const worker = await start({ hasSupervisor: true })
    const { id, pids } = await submitTree()
    worker.child.stdin?.end()
    expect(await worker.exited).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect((await bench.read(id)).attempts).toMatchObject([{ reason: 'released' }])
  })

  it('names every mistake of its environment, and ends 2', async () => {
    const worker = await start({ agentUri: 'no address', workerId: '' })
    expect(await worker.exited).toBe(2)
    expect(worker.output()).toContain('env.ECS_AGENT_URI')
    expect(worker.output()).toContain('env.SCALABLE_JOB_WORKER_ID')
  })

  it('names what it cannot read of its service, and ends 2', async () => {
    const worker = await start({ serviceText: '{"format":99,"service":{}}' })
    expect(await worker.exited).toBe(2)
    expect(worker.output()).toContain('was written by a newer version of Scalable Job; got 99')
  })

  async function declareLost(id: string): Promise<Job> {
    const changed = await changeJob(bench.table, { id }, (job) => {
      const seen = { workerId: 'w1', attempt: job.attempt }
      const end = { reason: 'worker-lost', message: 'silent for its lease' } as const
      return lose(job, { seen, end }, Date.now())
    })
    if (!changed.ok) throw new Error(changed.why)
    return changed.stored.job
  }
})
