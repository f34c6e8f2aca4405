import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../../lib/job/job.ts'
import { waitFor } from '../../support/wait-for.ts'
import { type Bench, openBench } from '../support/a-bench.ts'
import { program } from '../support/programs.ts'
import { withMethods } from '../support/with-methods.ts'

const RETRY = { maxRetries: 3, maxLosses: 3, backoffSeconds: 0 }
const EVERY = { checkpointSeconds: 0.2, retry: RETRY }

describe('a checkpoint', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  const withCheckpoint = (id: string, atLeast = 1): Promise<Job> =>
    waitFor(`checkpoint ${atLeast}`, async () => {
      const job = await bench.read(id)
      return (job.checkpoint?.number ?? 0) >= atLeast && job
    })

  it('lets the next attempt go on where a drained worker stopped', async () => {
    const worker = bench.startWorker()
    const { id } = await bench.submit(program('counts-with-checkpoint', 60), EVERY)
    await withCheckpoint(id)
    await worker.stop()
    const between = await bench.read(id)
    expect(between).toMatchObject({ status: 'queued', lossesUsed: 0 })
    bench.startWorker()
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
    const [first = ''] = (await bench.text(job)).split('\n')
    expect(Number(first.replace('from ', ''))).toBeGreaterThan(0)
    expect(await bench.text(job, 'system')).toContain('resumed from checkpoint')
  })

  it('is stored once more when the attempt fails, so that a retry goes on from its last state', async () => {
    bench.startWorker()
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR',
      'if [ -e state ]; then cat state; exit 0; fi',
      'echo from the first attempt > state; exit 1',
    ].join('\n')
    const { id } = await bench.submit(command, { ...EVERY, checkpointSeconds: 1000 })
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await bench.text(job)).toBe('from the first attempt\n')
  })

  it('is stored once more when a worker that stops gives the job back', async () => {
    const worker = bench.startWorker()
    const command = 'echo state > $SCALABLE_JOB_CHECKPOINT_DIR/state; echo written; sleep 1000'
    const { id } = await bench.submit(command, { ...EVERY, checkpointSeconds: 1000 })
    await waitFor('the file', async () => (await bench.text(await bench.running(id))) !== '')
    await worker.stop()
    const { files } = await manifestOf(await bench.read(id))
    expect(files.map(({ path }) => path)).toEqual(['state'])
  })

  it('is not stored again by an attempt after which none can follow', async () => {
    bench.startWorker()
    const command = 'echo done > $SCALABLE_JOB_CHECKPOINT_DIR/state'
    const { id } = await bench.submit(command, { ...EVERY, checkpointSeconds: 1000 })
    expect(await bench.ended(id)).toMatchObject({ status: 'succeeded' })
    expect(await bench.read(id)).not.toHaveProperty('checkpoint')
  })

  it('names no file that the job removed while another one was copied', async () => {
    let isRemoving = false
    const files = withMethods(bench.files, {
      put: async (file) => {
        if (isRemoving && file.key.endsWith('/stays')) await remove('/checkpoint/goes')
        return bench.files.put(file)
      },
    })
    bench.startWorker({ files })
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR; echo 1 > stays; echo 1 > goes',
      'while [ ! -e $SCALABLE_JOB_WORK_DIR/go ]; do sleep 0.05; done; echo 2 > stays; sleep 1000',
    ].join('\n')
    const { id } = await bench.submit(command, EVERY)
    const pathsAfter = async (number: number) => {
      const manifest = await manifestOf(await withCheckpoint(id, number))
      return manifest.files.map(({ path }) => path).toSorted()
    }
    await waitFor('both files', async () => (await pathsAfter(1)).length === 2)
    const { checkpoint } = await bench.read(id)
    isRemoving = true
    await touch(join(bench.root, 'work'), 'go')
    expect(await pathsAfter((checkpoint?.number ?? 0) + 1)).toEqual(['stays'])
  })

  it('stays as it was when the attempt puts something else in place of its folder', async () => {
    bench.startWorker()
    const command = [
      'd=$SCALABLE_JOB_CHECKPOINT_DIR',
      'if [ -e $d/state ]; then cat $d/state; exit 0; fi',
      'echo kept > $d/state; while [ ! -e $SCALABLE_JOB_WORK_DIR/go ]; do sleep 0.05; done',
      'rm -r $d; ln -s /etc $d; exit 1',
    ].join('\n')
    const { id } = await bench.submit(command, EVERY)
    await withCheckpoint(id)
    await touch(join(bench.root, 'work'), 'go')
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await bench.text(job)).toBe('kept\n')
  })

  it('does not copy again what has not changed', async () => {
    bench.startWorker()
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR',
      'mkdir sub; echo large > sub/fixed; i=0',
      'while :; do i=$((i+1)); echo $i > moving.tmp; mv moving.tmp moving; sleep 0.2; done',
    ].join('\n')
    const { id } = await bench.submit(command, EVERY)
    const job = await withCheckpoint(id, 3)
    const manifest = await manifestOf(job)
    const keyOf = (path: string) => manifest.files.find((file) => file.path === path)?.key
    expect(keyOf('sub/fixed')).toContain('/checkpoints/1/')
    expect(keyOf('moving')).toContain(`/checkpoints/${manifest.number}/`)
    expect(manifest.previous?.number).toBeLessThan(manifest.number)
    await bench.cancel(id)
    await bench.ended(id)
  })

  it('that is damaged is left for the one before it', async () => {
    const worker = bench.startWorker()
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR; ls',
      'if [ -e one ]; then cat one; [ -e two ] && cat two; exit 0; fi',
      'echo 1 > one; while [ ! -e $SCALABLE_JOB_WORK_DIR/go ]; do sleep 0.05; done',
      'echo 2 > two; sleep 1000',
    ].join('\n')
    const { id } = await bench.submit(command, EVERY)
    const first = await withCheckpoint(id)
    await touch(worker.deps.workRoot, 'go')
    const second = await withCheckpoint(id, (first.checkpoint?.number ?? 0) + 1)
    await worker.stop()
    const manifest = await manifestOf(second)
    const two = manifest.files.find(({ path }) => path === 'two')
    await bench.files.put({ key: two?.key ?? '', body: 'X\n' })
    bench.startWorker()
    const job = await bench.ended(id)
    expect(job.status).toBe('succeeded')
    expect(await bench.text(job)).toBe('one\n1\n')
    expect(await bench.text(job, 'system')).toContain('two has another checksum')
  })

  it('says that it starts anew where none could be used, and nothing where there was none', async () => {
    const worker = bench.startWorker()
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR; [ $SCALABLE_JOB_ATTEMPT = 1 ] || { ls | wc -l; exit 0; }',
      'echo 1 > one; sleep 1000',
    ].join('\n')
    const { id } = await bench.submit(command, EVERY)
    const running = await withCheckpoint(id)
    await worker.stop()
    const { files } = await manifestOf(running)
    for (const { key } of files) await bench.files.put({ key, body: 'X\n' })
    bench.startWorker()
    const job = await bench.ended(id)
    expect(await bench.text(job)).toBe('0\n')
    expect(await bench.text(job, 'system')).toContain('no checkpoint could be used; starting anew')
    expect(await bench.text(job, 'system', 1)).not.toContain('checkpoint')
  })

  async function manifestOf(job: Job) {
    const body = await bench.files.read(job.checkpoint?.manifestKey ?? '', 1_000_000)
    return JSON.parse(String(body)) as {
      number: number
      files: { path: string; key: string }[]
      previous?: { number: number }
    }
  }

  async function remove(end: string): Promise<void> {
    const root = join(bench.root, 'work')
    for (const path of await readdir(root, { recursive: true })) {
      if (`/${path}`.endsWith(end)) await rm(join(root, path))
    }
  }

  /** Into the working folder of the attempt that runs. */
  async function touch(workRoot: string, name: string): Promise<void> {
    for (const path of await readdir(workRoot, { recursive: true })) {
      if (path.endsWith('/work')) await writeFile(join(workRoot, path, name), '')
    }
  }
})
