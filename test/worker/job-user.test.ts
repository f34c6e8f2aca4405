import { execFile } from 'node:child_process'
import { chmod, mkdtemp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../lib/job/job.ts'
import { giveToUser, makeCommandFolders } from '../../worker/command/command-folders.ts'
import { attemptFolder, makeFolder } from '../../worker/run/attempt-folder.ts'
import { aJob } from '../support/a-job.ts'
import { openInside } from '../../worker/run/folders/open-inside.ts'
import { JobUsers, whyNoOtherUser } from '../../worker/command/job-users.ts'
import { waitFor } from '../support/wait-for.ts'
import { aCommandService, type Bench, openBench } from './support/a-bench.ts'
import { isAlive, parentOf, pidsIn } from './support/pids.ts'

const USER = { uid: 61_000, gid: 61_500 }
const PROCESSES = { slots: { command: 2, query: 1, queriesBesideCommand: false } }
const isRoot = process.platform === 'linux' && process.getuid?.() === 0
const RETRY = { maxRetries: 3, maxLosses: 3, backoffSeconds: 0 }

// Only root may start programs as somebody else, as in most images.
describe.skipIf(!isRoot)('commands with a user of their own', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
    await chmod(bench.root, 0o711)
  })
  afterEach(() => bench.close())

  const startWorker = () =>
    bench.startWorker({ jobUser: USER, service: aCommandService(PROCESSES) })
  const run = async (command: string, overrides: Partial<Job> = {}): Promise<Job> => {
    const { id } = await bench.submit(command, overrides)
    return bench.ended(id)
  }
  const pidIn = (job: Job): Promise<number> =>
    waitFor('a pid', async () => pidsIn(await bench.text(job))[0])

  it('run as that user, in its group alone, with folders and a home of their own', async () => {
    startWorker()
    const job = await run(
      [
        'id -u; id -g; id -G',
        'echo home > "$HOME/file" && echo work > file && cat "$HOME/file" file',
        'echo kept > "$SCALABLE_JOB_ARTIFACTS_DIR/kept"',
        'echo out > /dev/stdout; echo err > /dev/stderr',
      ].join('\n'),
    )
    expect(job).toMatchObject({ status: 'succeeded', artifacts: { files: 1 } })
    expect(await bench.text(job)).toBe('61000\n61500\n61500\nhome\nwork\nout\n')
    expect(await bench.text(job, 'stderr')).toBe('err\n')
  })

  it('are run from their file when they are too long for an argument', async () => {
    startWorker()
    const job = await run(`# ${'x'.repeat(150_000)}\nid -u`)
    expect(await bench.text(job)).toBe('61000\n')
  })

  it('neither read nor signal the worker and the guard that hold the role of the task', async () => {
    startWorker()
    const { pid } = process
    const looks = ['environ', 'mem', 'maps', 'fd/0'].map(
      (name) => `head -c 1 /proc/$p/${name} > /dev/null 2>&1 && echo "read ${name} of $p"`,
    )
    const job = await run(
      [
        'guard=$PPID',
        `for p in ${pid} $guard; do`,
        ...looks,
        'kill -0 $p 2> /dev/null && echo "may signal $p"',
        'done',
        'echo looked',
      ].join('\n'),
    )
    expect(await bench.text(job)).toBe('looked\n')
  })

  it('are different users while they run beside each other, and see nothing of each other', async () => {
    startWorker()
    const one = await bench.submit(
      'echo secret > file; chmod 777 file; echo pid $$; pwd; sleep 100',
    )
    const running = await bench.running(one.id)
    const pid = await pidIn(running)
    const folder = await waitFor('a folder', async () => {
      return /^\/.*$/m.exec(await bench.text(running))?.[0]
    })
    const parts = [`cat /proc/${pid}/environ`, `cat ${folder}/file`, `cat ${folder}/../input`]
    const other = await run(['id -u', ...parts, `kill ${pid}`, 'true'].join('\n'))
    expect(await bench.text(other)).toBe('61001\n')
    expect((await bench.read(one.id)).status).toBe('running')
    await bench.cancel(one.id)
    await bench.ended(one.id)
  })

  it('have folders that nobody else gets into, also before they are given to them', async () => {
    const folder = attemptFolder(bench.root, aJob())
    await makeFolder(folder.root)
    await makeCommandFolders(folder, USER)
    const seen = () =>
      promisify(execFile)('cat', [folder.inputFile], { uid: USER.uid + 1, gid: USER.gid })
    await writeFile(folder.inputFile, 'of one job')
    await expect(seen()).rejects.toThrow('Permission denied')
    await giveToUser(folder, USER)
    await expect(seen()).rejects.toThrow('Permission denied')
  })

  it('leave nothing behind that gave up environment, session, output and parents at once', async () => {
    startWorker()
    const hidden = 'echo pid $$ > "$0"; exec > /dev/null 2>&1 < /dev/null; exec sleep 1000'
    const job = await run(
      `(env -i setsid /bin/sh -c '${hidden}' "$HOME/pid" &) ; sleep 0.5; cat "$HOME/pid"`,
    )
    const [pid = 0] = pidsIn(await bench.text(job))
    expect(pid).toBeGreaterThan(0)
    expect(isAlive(pid)).toBe(false)
  })

  it('end with their guard', async () => {
    startWorker()
    const { id } = await bench.submit(`env -i setsid sleep 1000 & echo pid $!; sleep 1000`, {
      retry: { ...RETRY, maxLosses: 0 },
    })
    const running = await bench.running(id)
    const pid = await pidIn(running)
    process.kill(parentOf(parentOf(pid)), 'SIGKILL')
    expect(await bench.ended(id)).toMatchObject({ end: { reason: 'worker-lost' } })
    expect(isAlive(pid)).toBe(false)
  })

  it('find their checkpoint again, as files of their own', async () => {
    startWorker()
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR',
      'if [ -e deep/state ]; then echo more >> deep/state; touch deep/new; cat deep/state; exit 0; fi',
      'mkdir deep; echo first > deep/state; exit 1',
    ].join('\n')
    const job = await run(command, { checkpointSeconds: 1000, retry: RETRY })
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await bench.text(job)).toBe('first\nmore\n')
  })

  it('do not get the worker to read for them: a link in place of a checkpoint counts for nothing', async () => {
    startWorker()
    await writeFile(join(bench.root, 'secret'), 'of the worker', { mode: 0o600 })
    const command = [
      'cd $SCALABLE_JOB_CHECKPOINT_DIR',
      'i=0; while [ $i -lt 150 ]; do i=$((i+1))',
      `mkdir d 2> /dev/null; echo mine > d/secret; mv d e; ln -s ${bench.root} d; sleep 0.005; rm d; mv e d`,
      'done; exit 1',
    ].join('\n')
    const retry = { maxRetries: 0, maxLosses: 0, backoffSeconds: 0 }
    const { id } = await bench.submit(command, { checkpointSeconds: 0.01, retry })
    const job = await bench.ended(id)
    expect(job.status).toBe('failed')
    const { stdout } = await promisify(execFile)(
      'grep',
      ['-rlZ', 'of the worker', bench.stateDir],
      {
        encoding: 'utf8',
      },
    ).catch(() => ({ stdout: '' }))
    expect(stdout).toBe('')
  })

  it('are not run at all where the image is not root, and jobs that wait are told', async () => {
    const module = new URL('../../worker/command/job-users.ts', import.meta.url).pathname
    const script = await readFile(module, 'utf8')
    const copy = join(bench.root, 'job-users.ts')
    await writeFile(copy, `${script}\nconsole.log(whyNoOtherUser({ uid: 1, gid: 1 }))\n`)
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', copy], {
      uid: USER.uid,
      gid: USER.gid,
    })
    expect(stdout).toContain("needs an image whose user is root, and this one's is 61000")
    expect(whyNoOtherUser({ uid: 1, gid: 1 })).toBeUndefined()
  })
})

describe('the users of commands', () => {
  it('are one for each slot, and used again; without one no command runs', () => {
    const users = new JobUsers({ uid: 1000, gid: 50 }, 2)
    const [one, other] = [users.take(), users.take()]
    expect([one, other]).toEqual([
      { uid: 1000, gid: 50 },
      { uid: 1001, gid: 50 },
    ])
    expect(() => users.take()).toThrow('no user is free')
    users.giveBack(one)
    expect(users.take()).toEqual({ uid: 1000, gid: 50 })
  })

  it('are nobody where the service names none', () => {
    const users = new JobUsers(undefined, 2)
    expect(users.take()).toBeUndefined()
    users.giveBack(undefined)
    expect(users.take()).toBeUndefined()
  })
})

describe('a file of a folder that somebody else changes', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'open-inside-'))
    await mkdir(join(folder, 'mine/deep'), { recursive: true })
    await writeFile(join(folder, 'mine/deep/file'), 'mine')
    await mkdir(join(folder, 'other/deep'), { recursive: true })
    await writeFile(join(folder, 'other/deep/file'), 'other')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('stays what it was when it is put aside', async () => {
    const file = await openInside(join(folder, 'mine'), 'deep/file')
    await rename(join(folder, 'mine/deep/file'), join(folder, 'mine/aside'))
    await writeFile(join(folder, 'mine/deep/file'), 'new')
    expect(await readFile(file?.path ?? '', 'utf8')).toBe('mine')
    await file?.close()
  })

  it.skipIf(process.platform !== 'linux')('is none behind a link, to it or above it', async () => {
    await rm(join(folder, 'mine/deep/file'))
    await symlink(join(folder, 'other/deep/file'), join(folder, 'mine/deep/file'))
    expect(await openInside(join(folder, 'mine'), 'deep/file')).toBeUndefined()
    await rm(join(folder, 'mine/deep'), { recursive: true })
    await symlink(join(folder, 'other/deep'), join(folder, 'mine/deep'))
    expect(await openInside(join(folder, 'mine'), 'deep/file')).toBeUndefined()
  })

  it.skipIf(process.platform !== 'linux')('is none where a pipe lies', async () => {
    await promisify(execFile)('mkfifo', [join(folder, 'mine/pipe')])
    expect(await openInside(join(folder, 'mine'), 'pipe')).toBeUndefined()
  })

  it('that is gone is an error as with open', async () => {
    await expect(openInside(join(folder, 'mine'), 'absent')).rejects.toThrow('ENOENT')
  })
})
