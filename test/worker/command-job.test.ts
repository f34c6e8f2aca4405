import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../lib/job/job.ts'
import { makeBaseEnv } from '../../worker/command/job-env.ts'
import { waitFor } from '../support/wait-for.ts'
import { aCommandService, type Bench, openBench } from './support/a-bench.ts'
import { isAlive, pidsIn } from './support/pids.ts'
import { program } from './support/programs.ts'

const LARGE_BYTES = 134_217_728
const GRACE = { runSeconds: 0, queueSeconds: 0, graceSeconds: 1 }

describe('a command job', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  async function run(command: string | Buffer, overrides: Partial<Job> = {}): Promise<Job> {
    bench.startWorker()
    const { id } = await bench.submit(command, overrides)
    return bench.ended(id)
  }

  it('runs in the shell and succeeds when the command exits with 0', async () => {
    const job = await run('echo hello; echo oh >&2')
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1, end: { reason: 'completed' } })
    expect(await bench.text(job)).toBe('hello\n')
    expect(await bench.text(job, 'stderr')).toBe('oh\n')
    expect(job.logs).toMatchObject({ stdoutBytes: 6, stderrBytes: 3, cutBytes: 0 })
  })

  it('fails with the exit code of the command', async () => {
    const job = await run(program('exits-3'))
    expect(job).toMatchObject({ status: 'failed', end: { reason: 'exit-code', exitCode: 3 } })
  })

  it('names the signal behind an exit code of the shell, and what it often means', async () => {
    const messages: (string | undefined)[] = []
    for (const code of [3, 127, 137, 139, 255])
      messages.push((await run(`exit ${code}`)).end?.message)
    expect(messages).toEqual([
      'exited with 3',
      'exited with 127',
      'exited with 137 (SIGKILL; often: out of memory)',
      'exited with 139 (SIGSEGV)',
      'exited with 255',
    ])
  })

  it('fails with the signal that ended the command', async () => {
    const job = await run('kill -SEGV $$')
    expect(job.end).toMatchObject({ reason: 'killed-by-signal', signal: 'SIGSEGV' })
  })

  it('fails as bad input when its text is empty or no text', async () => {
    expect((await run('')).end).toMatchObject({ reason: 'bad-input' })
    const { id } = await bench.submit(Buffer.from([0xff, 0xfe]))
    expect((await bench.ended(id)).end).toMatchObject({ reason: 'bad-input' })
  })

  it('may be a script of more than 128 KiB', async () => {
    const job = await run(`echo start\n${'# filler\n'.repeat(40_000)}echo end`)
    expect(await bench.text(job)).toBe('start\nend\n')
  })

  it('is stopped after the seconds that it may run, children that ignore SIGTERM included', async () => {
    const job = await run(program('forks-children'), { limits: { ...GRACE, runSeconds: 1 } })
    expect(job).toMatchObject({
      status: 'failed',
      end: { reason: 'timed-out', signal: 'SIGKILL' },
    })
    const pids = pidsIn(await bench.text(job))
    expect(pids.length).toBeGreaterThan(1)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('is canceled only when no process of it is left', async () => {
    bench.startWorker()
    const { id } = await bench.submit(program('ignores-sigterm'), { limits: GRACE })
    await bench.running(id)
    await waitFor('the program to start', async () =>
      (await bench.text(await bench.read(id))).includes('started'),
    )
    await bench.cancel(id)
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'canceled', end: { reason: 'canceled-by-user' } })
    expect(await bench.text(job)).toContain('ignored SIGTERM')
  })

  it('leaves no process behind that it put into the background or made a daemon', async () => {
    const job = await run(program('daemonizes').replace('exec ', 'sleep 1000 & echo pid $!; '))
    expect(job.status).toBe('succeeded')
    const pids = pidsIn(await bench.text(job))
    expect(pids).toHaveLength(2)
    expect(pids.filter(isAlive)).toEqual([])
    expect(await bench.text(job, 'system')).toContain('background processes')
  })

  it('is tried again as often as its retries allow, with the number of the attempt', async () => {
    const retry = { maxRetries: 2, maxLosses: 0, backoffSeconds: 0 }
    const job = await run('echo attempt $SCALABLE_JOB_ATTEMPT; exit 1', { retry })
    expect(job).toMatchObject({ status: 'failed', attempt: 3, retriesUsed: 2 })
    expect(job.attempts.map(({ reason }) => reason)).toEqual(Array(3).fill('exit-code'))
    expect(await bench.text(job, 'stdout', 2)).toBe('attempt 2\n')
  })

  it('waits for its back-off before it is tried again', async () => {
    bench.startWorker()
    const retry = { maxRetries: 1, maxLosses: 0, backoffSeconds: 60 }
    const { id } = await bench.submit('exit 1', { retry })
    const job = await waitFor('the job to be queued again', async () => {
      const now = await bench.read(id)
      return now.attempt === 1 && now.status === 'queued' && now
    })
    expect(Date.parse(job.readyAt ?? '')).toBeGreaterThan(Date.now() + 50_000)
  })

  it('says how far it is', async () => {
    bench.startWorker()
    const { id } = await bench.submit("echo '[progress] 42% half'; sleep 100")
    const job = await waitFor('progress', async () => {
      const now = await bench.read(id)
      return now.progress && now
    })
    expect(job.progress).toMatchObject({ fraction: 0.42, note: 'half' })
    await waitFor('the line to stay in the log', async () =>
      (await bench.text(job)).includes('[progress]'),
    )
    await bench.cancel(id)
    await bench.ended(id)
  })

  it('keeps its artifacts with their checksums, and skips what is not a file', async () => {
    const job = await run(
      'cd $SCALABLE_JOB_ARTIFACTS_DIR; mkdir sub; printf abc > sub/a.txt; ln -s /etc/passwd p; mkfifo f',
    )
    expect(job).toMatchObject({ status: 'succeeded', artifacts: { files: 1, bytes: 3 } })
    const manifest = await bench.files.read(job.artifacts?.manifestKey ?? '', 10_000)
    expect(JSON.parse(String(manifest))).toEqual({
      files: [
        {
          path: 'sub/a.txt',
          bytes: 3,
          sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          contentType: 'text/plain; charset=utf-8',
        },
      ],
    })
    const system = await bench.text(job, 'system')
    expect(system).toContain('artifact p was not stored: a symbolic link')
    expect(system).toContain('artifact f was not stored: not a regular file')
  })

  it('keeps a large artifact without holding it in memory', async () => {
    bench.startWorker()
    const before = process.memoryUsage().rss
    const { id } = await bench.submit(program('writes-artifact', LARGE_BYTES))
    const job = await bench.ended(id, 60_000)
    expect(job).toMatchObject({ status: 'succeeded', artifacts: { files: 1, bytes: LARGE_BYTES } })
    const stored = await bench.files.info(`${job.acceptedPrefix}artifacts/big.bin`)
    expect(stored?.bytes).toBe(LARGE_BYTES)
    expect(process.memoryUsage().rss - before).toBeLessThan(LARGE_BYTES / 2)
  }, 70_000)

  it('names the artifacts whose names are not UTF-8', async () => {
    const job = await run(
      'cd $SCALABLE_JOB_ARTIFACTS_DIR; echo x > "$(printf "a\\377b")"; mkdir "$(printf "\\376")"; echo y > ok',
    )
    expect(job).toMatchObject({ status: 'succeeded', artifacts: { files: 1 } })
    const system = await bench.text(job, 'system')
    expect(system).toContain('artifact a\uFFFDb was not stored: a name that is not UTF-8')
    expect(system).toContain('artifact \uFFFD was not stored: a name that is not UTF-8')
  })

  it('keeps nothing of what a link leads to that was put in place of its folder', async () => {
    const job = await run(
      'd=$SCALABLE_JOB_ARTIFACTS_DIR; mkdir other; echo secret > other/file; rmdir $d; ln -s $PWD/other $d',
    )
    expect(job.status).toBe('succeeded')
    expect(job.artifacts).toBeUndefined()
    expect(await bench.text(job, 'system')).toContain('its folder is not a folder any more')
  })

  it('may remove its artifacts folder', async () => {
    const job = await run('rmdir $SCALABLE_JOB_ARTIFACTS_DIR')
    expect(job).toMatchObject({ status: 'succeeded', end: { exitCode: 0 } })
  })

  it('keeps thousands of artifacts, each under its name', async () => {
    const job = await run(
      'cd $SCALABLE_JOB_ARTIFACTS_DIR; i=0; while [ $i -lt 300 ]; do echo $i > f$i; i=$((i+1)); done',
    )
    expect(job.artifacts).toMatchObject({ files: 300 })
    const manifest = String(await bench.files.read(job.artifacts?.manifestKey ?? '', 1_000_000))
    const { files } = JSON.parse(manifest) as { files: { path: string; bytes: number }[] }
    const paths = files.map(({ path }) => path)
    expect(paths).toEqual(paths.toSorted())
    const one = await bench.files.read(`jobs/${job.id}/1/artifacts/f299`, 10)
    expect(String(one)).toBe('299\n')
  })

  it('keeps the artifacts of an attempt that failed', async () => {
    const job = await run('echo half > $SCALABLE_JOB_ARTIFACTS_DIR/model; exit 1')
    expect(job).toMatchObject({ status: 'failed', artifacts: { files: 1 } })
  })

  it('starts in an empty folder that is gone afterwards', async () => {
    const worker = bench.startWorker()
    const { id } = await bench.submit('pwd; ls -A; touch left')
    const job = await bench.ended(id)
    const [folder = '', ...rest] = (await bench.text(job)).trim().split('\n')
    expect(rest).toEqual([])
    expect(folder.startsWith(worker.deps.workRoot)).toBe(true)
    await waitFor('the folder to go', () => isGone(folder))
  })

  it('sees its own variables, those of the service, and none of the worker', async () => {
    const workerEnv = {
      ...process.env,
      AWS_SECRET_ACCESS_KEY: 'secret-1',
      SCALABLE_JOB_TOKEN: 'secret-2',
      ECS_AGENT_URI: 'http://secret-3',
      GITHUB_TOKEN: 'secret-4',
    }
    const container = { image: 'digits', env: { FROM_SERVICE: 'yes' }, startSeconds: 10 }
    bench.startWorker({
      baseEnv: makeBaseEnv(workerEnv, 'machine'),
      service: aCommandService({ container }),
    })
    const env = { FROM_JOB: 'a b', SCALABLE_JOB_ID: 'forged' }
    const { id } = await bench.submit('env', { env })
    const seen = await bench.text(await bench.ended(id))
    expect(seen).not.toContain('secret-')
    expect(seen).not.toContain('forged')
    expect(seen).toContain(`SCALABLE_JOB_ID=${id}\n`)
    expect(seen).toContain('SCALABLE_JOB_ATTEMPT=1\n')
    expect(seen).toContain('FROM_SERVICE=yes\n')
    expect(seen).toContain('FROM_JOB=a b\n')
    expect(seen).toContain('PYTHONUNBUFFERED=1\n')
  })

  it('may write to /dev/stdout and /dev/stderr', async () => {
    const job = await run('echo one > /dev/stdout; echo two | tee /dev/stderr > /dev/null')
    expect(job.status).toBe('succeeded')
    expect(await bench.text(job)).toBe('one\n')
    expect(await bench.text(job, 'stderr')).toBe('two\n')
  })

  it('finds folders of killed workers removed', async () => {
    const orphan = join(bench.root, 'work', 'old.999999999')
    await mkdir(orphan, { recursive: true })
    await writeFile(join(orphan, 'left'), '')
    await run('true')
    expect(await isGone(orphan)).toBe(true)
  })
})

async function isGone(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  )
}
