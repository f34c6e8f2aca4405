import { afterEach, expect, test } from 'vitest'
import { readProcess } from '../../../lib/processes/read-process.ts'
import type { FleetTask } from '../../../lib/ports/fleet.ts'
import { waitFor } from '../../support/wait-for.ts'
import { TestFleet } from './test-fleet.ts'

let fleet: TestFleet
afterEach(() => fleet.close())

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a task whose worker ends by %s has stopped only when its daemons are gone too',
  async (signal) => {
    let watched: readonly number[] = []
    const runningAtStop: number[] = []
    const stopped: FleetTask[] = []
    fleet = await TestFleet.open({
      program: 'supervised-daemon',
      onTaskStopped: (task) => {
        stopped.push(task)
        runningAtStop.push(...watched.filter((pid) => readProcess(pid) !== undefined))
      },
    })
    const [task] = await fleet.start(1)
    const { pid, notes } = await fleet.report(task!.taskId)
    watched = [pid, ...(notes['daemonPids'] as number[])]
    expect(watched.map((each) => readProcess(each))).not.toContain(undefined)
    process.kill(pid, signal)
    await waitFor('the task to stop', () => stopped.some(({ taskId }) => taskId === task!.taskId))
    expect(runningAtStop).toEqual([])
    expect(await fleet.supervisor.findStopped([task!.taskId])).toEqual([task!.taskId])
  },
)

test('a worker leads a session of its own, which the Ctrl-C of a terminal does not reach', async () => {
  fleet = await TestFleet.open()
  const [task] = await fleet.start(1)
  const { pid } = await fleet.report(task!.taskId)
  expect(readProcess(pid)).toMatchObject({ parentPid: process.pid, sessionPid: pid })
})
