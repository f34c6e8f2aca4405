import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { findMembers } from '../../../worker/guard/find-members.ts'
import { type Guard, startGuard } from '../../../worker/guard/start-guard.ts'
import { GuardPool } from '../../../worker/guard/guard-pool.ts'
import { monotonicMs } from '../../../worker/monotonic.ts'
import { isAlive, parentOf } from '../support/pids.ts'
import { program } from '../support/programs.ts'

describe('a guard', () => {
  const guards: Guard[] = []

  afterEach(async () => {
    for (const guard of guards.splice(0)) {
      guard.close()
      await guard.ended
    }
  })

  async function start(): Promise<Guard> {
    const guard = await startGuard()
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

  it('says what kept a command from starting', async () => {
    const guard = await start()
    const env = { PATH: '/nowhere' }
    guard.run({ file: 'no-such', args: [], cwd: '/', env, leaseUntilMs: monotonicMs() + 1000 })
    expect(await guard.ended).toMatchObject({ is: 'start-failed' })
  })

  it('kills the group when no beat comes in time', async () => {
    const guard = run(await start(), program('ignores-sigterm'), 500)
    expect(await guard.ended).toMatchObject({ cause: 'lease', signal: 'SIGKILL' })
  })

  it('lets the group live while beats come', async () => {
    const guard = run(await start(), 'sleep 1.2; exit 4', 500)
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

  it('of a pool stands ready', async () => {
    const pool = new GuardPool()
    pool.prepare()
    const guard = await pool.take()
    guards.push(guard)
    expect(await run(guard, 'exit 2').ended).toMatchObject({ exitCode: 2 })
    await pool.close()
  })

  it('that was never used ends when it is let go', async () => {
    const guard = await start()
    guard.close()
    expect(await guard.ended).toMatchObject({ is: 'guard-died' })
  })

  it('finds no member in a group that is gone', () => {
    expect(findMembers({ pgid: 999_999_999, mark: 'none' })).toEqual([])
    expect(findMembers({ pgid: 0, mark: 'none' })).toEqual([])
  })
})
