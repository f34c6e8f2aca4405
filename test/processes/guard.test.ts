import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { parseRecordLines } from '../../lib/processes/group-record.ts'
import { type Guard, startGuard } from '../../lib/processes/start-guard.ts'
import { GuardPool } from '../../lib/processes/guard-pool.ts'
import { monotonicMs } from '../../lib/pace/monotonic.ts'
import { waitFor } from '../support/wait-for.ts'
import { isAlive, parentOf } from '../worker/support/pids.ts'
import { program } from '../worker/support/programs.ts'

/** Says when it has begun to. */
const IGNORES_SIGTERM = `trap '' TERM; echo ready; while true; do sleep 0.1; done`

describe('a guard', () => {
  const guards: Guard[] = []

  afterEach(async () => {
    for (const guard of guards.splice(0)) {
      guard.close()
      await guard.ended
    }
  })

  async function start(groupDir?: string): Promise<Guard> {
    const guard = await startGuard(groupDir)
    guards.push(guard)
    return guard
  }

  function run(guard: Guard, command: string, leaseMs = 60_000): Guard {
    guard.run({
      file: '/bin/sh',
      args: ['-c', command],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '' },
      leaseUntilMs: monotonicMs() + leaseMs,
    })
    return guard
  }

  it('passes on what the command writes and how it ends', async () => {
    const guard = run(await start(), 'echo out; echo err >&2; exit 5')
    const [out, err, end] = await Promise.all([text(guard.stdout), text(guard.stderr), guard.ended])
    expect([out, err]).toEqual(['out\n', 'err\n'])
    expect(end).toMatchObject({ is: 'gone', cause: 'exit', exitCode: 5, hadLeftovers: false })
  })

  it.skipIf(process.platform !== 'linux')(
    'has no environment that its command could read: none of the worker reaches a job',
    async () => {
      const guard = run(await start(), 'wc -c < "/proc/$PPID/environ"')
      expect((await text(guard.stdout)).trim()).toBe('0')
    },
  )

  it('says what kept a command from starting', async () => {
    const guard = await start()
    const leaseUntilMs = monotonicMs() + 1000
    guard.run({ file: '/bin/true', args: [], cwd: '/no-such', env: {}, leaseUntilMs })
    expect(await guard.ended).toMatchObject({ is: 'start-failed' })
  })

  it('says so when the environment is larger than a process may have', async () => {
    const guard = await start()
    const env = { A: 'x'.repeat(200_000) }
    guard.run({ file: '/bin/true', args: [], cwd: '/', env, leaseUntilMs: monotonicMs() + 1000 })
    expect(await guard.ended).toMatchObject({ is: 'start-failed' })
  })

  it('leaves every variable of the command as it is', async () => {
    const guard = await start()
    guard.run({
      file: '/bin/sh',
      args: ['-c', 'echo "$go"; env | grep -c SCALABLE_JOB_GO'],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', go: 'mine' },
      leaseUntilMs: monotonicMs() + 10_000,
    })
    expect(await text(guard.stdout)).toBe('mine\n0\n')
  })

  it('starts nothing once its time is over: another attempt may run by then', async () => {
    const guard = run(await start(), 'echo begun', -1)
    expect(await text(guard.stdout)).toBe('')
    expect(await guard.ended).toMatchObject({ is: 'gone', cause: 'lease', exitCode: null })
  })

  it('kills the group when no beat comes in time', async () => {
    const guard = run(await start(), program('ignores-sigterm'))
    await guard.started
    guard.beat(monotonicMs() + 500)
    expect(await guard.ended).toMatchObject({ cause: 'lease', signal: 'SIGKILL' })
  })

  it('lets the group live while beats come', async () => {
    const guard = run(await start(), 'sleep 1.2; exit 4')
    await guard.started
    for (let beat = 0; beat < 8; beat += 1) {
      guard.beat(monotonicMs() + 500)
      await sleep(200)
    }
    expect(await guard.ended).toMatchObject({ cause: 'exit', exitCode: 4 })
  })

  it('takes a shorter grace that comes later, and keeps the first reason', async () => {
    const guard = run(await start(), program('ignores-sigterm'))
    await guard.started
    await sleep(300)
    guard.stop(60_000)
    guard.stop(0)
    expect(await guard.ended).toMatchObject({ cause: 'stop', signal: 'SIGKILL' })
  })

  it('does not put off a stop that was ordered before', async () => {
    const guard = run(await start(), IGNORES_SIGTERM)
    await once(guard.stdout, 'data')
    guard.stop(300)
    guard.stop(600_000)
    expect(await guard.ended).toMatchObject({ cause: 'stop', signal: 'SIGKILL' })
  })

  it('that loses its worker kills at once, and names what came first as the reason', async () => {
    const guard = run(await start(), IGNORES_SIGTERM)
    await once(guard.stdout, 'data')
    guard.stop(600_000)
    guard.close()
    expect(await guard.ended).toMatchObject({ cause: 'stop', signal: 'SIGKILL' })
  })

  it('lets the whole group use its grace, when the command itself is quick', async () => {
    const guard = run(
      await start(),
      '(trap "sleep 0.5; echo saved; exit" TERM; sleep 100 & wait) & sleep 100',
    )
    const out = text(guard.stdout)
    await guard.started
    await sleep(300)
    guard.stop(20_000)
    expect(await guard.ended).toMatchObject({ cause: 'stop' })
    expect(await out).toBe('saved\n')
  })

  it('does not heed the signals that end other programs', async () => {
    const guard = run(await start(), 'sleep 1; exit 6')
    const parent = parentOf((await guard.started) ?? 0)
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(parent, signal)
    expect(await guard.ended).toMatchObject({ cause: 'exit', exitCode: 6 })
  })

  it('that is killed takes its group with it', async () => {
    const guard = run(await start(), program('ignores-sigterm'))
    const pid = (await guard.started) ?? 0
    process.kill(parentOf(pid), 'SIGKILL')
    expect(await guard.ended).toMatchObject({ is: 'guard-died' })
    expect(isAlive(pid)).toBe(false)
  })

  it.each([
    ['has lost its parents', 'exec sleep 1000', (daemon: string) => `(${daemon} &)`],
    ['has given up its output', 'exec sleep 1000 >&- 2>&-', (daemon: string) => `${daemon} &`],
  ])('ends a daemon without an environment that %s', async (_name, last, toBackground) => {
    const folder = await mkdtemp(join(tmpdir(), 'guard-daemon-'))
    const file = join(folder, 'pid')
    const daemon = `setsid env -i sh -c 'echo $$ > ${file}.new; mv ${file}.new ${file}; ${last}'`
    const wait = `while [ ! -s ${file} ]; do sleep 0.05; done; sleep 0.3`
    const guard = run(await start(), `${toBackground(daemon)}\n${wait}`)
    expect(await guard.ended).toMatchObject({ cause: 'exit', exitCode: 0, hadLeftovers: true })
    expect(isAlive(Number(readFileSync(file, 'latin1')))).toBe(false)
    await rm(folder, { recursive: true })
  })

  it('that is killed takes along what has left its session without an environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guard-records-'))
    const guard = await start(folder)
    run(guard, 'setsid env -i sleep 1000 >/dev/null 2>&1 & exec sleep 1000')
    const leader = (await guard.started) ?? 0
    const pids = await waitFor('the records', () => {
      const lines = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
      const found = parseRecordLines(lines.join('')).map(({ pid }) => pid)
      return found.length === 2 && found
    })
    expect(pids[0]).toBe(leader)
    // With the leader too nobody but the record knows the other one.
    for (const pid of [parentOf(leader), leader]) process.kill(pid, 'SIGKILL')
    expect(await guard.ended).toMatchObject({ is: 'guard-died' })
    expect(pids.filter(isAlive)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  it('that is killed takes along a command without an environment, where nothing is recorded', async () => {
    const guard = run(await start(), 'exec env -i sh -c "echo ready; exec sleep 1000"')
    await once(guard.stdout, 'data')
    const leader = (await guard.started) ?? 0
    process.kill(parentOf(leader), 'SIGKILL')
    expect(await guard.ended).toMatchObject({ is: 'guard-died' })
    expect(isAlive(leader)).toBe(false)
  })

  it('runs nothing that it cannot record', async () => {
    const guard = run(await start('/no/such/folder'), 'echo ran')
    const out = text(guard.stdout)
    expect(await guard.ended).toMatchObject({
      is: 'guard-died',
      message: expect.stringContaining('ENOENT') as string,
    })
    expect(await out).toBe('')
  })

  it('of a pool stands ready', async () => {
    const pool = new GuardPool()
    pool.prepare()
    const guard = await pool.take()
    guards.push(guard)
    expect(await run(guard, 'exit 2').ended).toMatchObject({ exitCode: 2 })
    await pool.close()
  })

  it('of a pool that has died while it waited is not given out', async () => {
    const spare = await start()
    const started = [Promise.resolve(spare)]
    const pool = new GuardPool(() => started.pop() ?? start())
    pool.prepare()
    spare.close()
    await spare.ended
    expect(await run(await pool.take(), 'exit 2').ended).toMatchObject({ exitCode: 2 })
  })

  it('that has ended still gives what the command wrote', async () => {
    const guard = run(await start(), 'echo out')
    await guard.ended
    guard.close()
    expect(await text(guard.stdout)).toBe('out\n')
  })

  it('that was never used ends when it is let go', async () => {
    const guard = await start()
    guard.close()
    expect(await guard.ended).toMatchObject({ is: 'guard-died' })
  })
})
