import { afterEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitFor } from '../../support/wait-for.ts'
import { TestFleet } from './test-fleet.ts'

const MINUTE_MS = 60_000

describe('scale-in', () => {
  let fleet: TestFleet
  afterEach(() => fleet.close())

  test('a worker that hangs is stopped by name, with SIGKILL, and replaced', async () => {
    fleet = await TestFleet.open({ stopSeconds: 0.2 })
    const [task] = await fleet.start(1)
    const { pid } = await fleet.report(task!.taskId)
    process.kill(pid, 'SIGSTOP')
    await fleet.supervisor.stopTask(task!.taskId, 'silent')
    expect(await fleet.hasStopped(task!.taskId)).toMatchObject({
      stoppedReason: expect.stringMatching(/^silent; .*SIGKILL/),
    })
    const next = await fleet.waitFor('a replacement', async () => {
      return (await fleet.present()).find(({ state }) => state === 'running')
    })
    expect(next.taskId).not.toBe(task!.taskId)
  })

  test('a protected worker is not stopped by name either', async () => {
    fleet = await TestFleet.open()
    const [task] = await fleet.start(1)
    await (await fleet.protectionOf(task!.taskId)).protect(10)
    await expect(fleet.supervisor.stopTask(task!.taskId, 'x')).rejects.toThrow(/protected/)
    expect(await fleet.find(task!.taskId)).toMatchObject({ state: 'running' })
  })

  test('waits for protection to lapse by itself', async () => {
    const clock = new FakeClock()
    fleet = await TestFleet.open({ clock })
    const [task] = await fleet.start(1)
    const protection = await fleet.protectionOf(task!.taskId)
    expect(await protection.protect(60)).toEqual({
      kind: 'granted',
      untilMs: clock.now() + 60 * MINUTE_MS,
    })
    await fleet.supervisor.setDesired('a', 0)
    await clock.advance(59 * MINUTE_MS)
    expect(await fleet.find(task!.taskId)).toMatchObject({ state: 'running' })
    await clock.advance(MINUTE_MS)
    expect(await fleet.find(task!.taskId)).not.toMatchObject({ state: 'running' })
    expect(await fleet.hasStopped(task!.taskId)).toMatchObject({
      stoppedReason: 'scaled in; exit code 0',
    })
  })

  test('counts the time anew from the last time that protection was asked for', async () => {
    const clock = new FakeClock()
    fleet = await TestFleet.open({ clock })
    const [task] = await fleet.start(1)
    const protection = await fleet.protectionOf(task!.taskId)
    await protection.protect(10)
    await clock.advance(9 * MINUTE_MS)
    await protection.protect(10)
    await fleet.supervisor.setDesired('a', 0)
    await clock.advance(9 * MINUTE_MS)
    expect(await fleet.find(task!.taskId)).toMatchObject({ state: 'running' })
    await clock.advance(MINUTE_MS)
    await fleet.hasStopped(task!.taskId)
  })

  test('is not hastened by a wall clock that jumps ahead', async () => {
    const clock = new FakeClock()
    fleet = await TestFleet.open({ clock })
    const [task] = await fleet.start(1)
    await (await fleet.protectionOf(task!.taskId)).protect(10)
    await fleet.supervisor.setDesired('a', 0)
    clock.jump(600 * MINUTE_MS)
    await clock.advance(MINUTE_MS)
    expect(await fleet.find(task!.taskId)).toMatchObject({ state: 'running' })
  })

  test('leaves a worker that protected itself until it lets go', async () => {
    fleet = await TestFleet.open({ program: 'supervised-protected' })
    const [task] = await fleet.start(1)
    const { notes, pid } = await fleet.report(task!.taskId)
    expect(notes).toMatchObject({ answer: { kind: 'granted' } })
    await fleet.supervisor.setDesired('a', 0)
    expect(await fleet.find(task!.taskId)).toMatchObject({ state: 'running' })
    process.kill(pid, 'SIGUSR2')
    await fleet.hasStopped(task!.taskId)
  })

  test('stops the newest first', async () => {
    fleet = await TestFleet.open()
    const [oldest, middle, newest] = await fleet.start(3)
    await fleet.supervisor.setDesired('a', 2)
    await fleet.hasStopped(newest!.taskId)
    const left = (await fleet.present()).map(({ taskId }) => taskId)
    expect(left).toEqual([oldest!.taskId, middle!.taskId])
  })

  test('refuses protection to a task that is being stopped, and kills it after the stop time', async () => {
    const clock = new FakeClock()
    fleet = await TestFleet.open({ clock, program: 'supervised-stubborn', stopSeconds: 30 })
    const [task] = await fleet.start(1)
    await fleet.supervisor.setDesired('a', 0)
    await fleet.supervisor.setDesired('a', 1)
    const protection = await fleet.protectionOf(task!.taskId)
    expect(await protection.protect(10)).toEqual({ kind: 'refused', reason: 'TASK_NOT_VALID' })
    await clock.advance(29_000)
    expect(await fleet.find(task!.taskId)).toMatchObject({ state: 'stopping' })
    await clock.advance(1_000)
    expect(await fleet.hasStopped(task!.taskId)).toMatchObject({
      stoppedReason: 'scaled in; killed by SIGKILL',
    })
  })

  test('starts a new worker at once when it is asked for while an old one still stops', async () => {
    fleet = await TestFleet.open({ program: 'supervised-stubborn', stopSeconds: 1 })
    const [old] = await fleet.start(1)
    await fleet.supervisor.setDesired('a', 0)
    await fleet.supervisor.setDesired('a', 1)
    const states = (await fleet.present()).map(({ state }) => state)
    expect(states).toEqual(['stopping', 'running'])
    await fleet.hasStopped(old!.taskId)
    await waitFor('onTaskStopped', () => fleet.stopped.length === 1)
  })

  test('says what is wrong with a number of workers, or a side without a version', async () => {
    fleet = await TestFleet.open()
    await expect(fleet.supervisor.setDesired('a', -1)).rejects.toThrow(/0 or more, got -1/)
    await expect(fleet.supervisor.setDesired('a', 1.5)).rejects.toThrow(/0 or more, got 1.5/)
    await expect(fleet.supervisor.setDesired('a', 1)).rejects.toThrow(/no worker version/)
  })
})
