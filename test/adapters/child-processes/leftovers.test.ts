import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readProcess } from '../../../lib/processes/read-process.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import type { Clock } from '../../../lib/ports/clock.ts'
import type { FleetTask } from '../../../lib/ports/fleet.ts'
import { waitFor } from '../../support/wait-for.ts'
import { makeStateDir, TestFleet } from './test-fleet.ts'

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

test('what a worker leaves behind may end by itself for a moment before it is killed', async () => {
  const stateDir = await makeStateDir()
  const file = join(stateDir, 'ended-by-itself')
  fleet = await TestFleet.open({
    stateDir,
    command: () => ({
      file: '/bin/sh',
      args: ['-c', `(sleep 0.2; echo done > ${file}) & exit 1`],
      env: { PATH: process.env['PATH'] ?? '' },
    }),
  })
  fleet.supervisor.deploy('v1')
  await fleet.supervisor.place('a', 'v1')
  await fleet.supervisor.setDesired('a', 1)
  const [task] = await fleet.present()
  await fleet.hasStopped(task!.taskId)
  expect(readFileSync(file, 'latin1')).toBe('done\n')
})

test('a task has stopped only once a second look, too, finds nothing of it', async () => {
  const stateDir = await makeStateDir()
  let late: ChildProcess | undefined
  /** Between two looks at a task; nothing else waits for so short a time. */
  const BETWEEN_LOOKS_MS = 50
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms === BETWEEN_LOOKS_MS) late ??= startRecorded(join(stateDir, 'supervisor', 'groups'))
      return systemClock.sleep(ms, signal)
    },
  }
  const command = () => ({ file: '/bin/sh', args: ['-c', 'exit 1'], env: {} })
  fleet = await TestFleet.open({ stateDir, clock, command })
  fleet.supervisor.deploy('v1')
  await fleet.supervisor.place('a', 'v1')
  await fleet.supervisor.setDesired('a', 1)
  const [task] = await fleet.present()
  await fleet.hasStopped(task!.taskId)
  expect(late?.pid).toBeDefined()
  expect(readProcess(late!.pid!)).toBeUndefined()
})

/** As a guard would start one, and note it for the first task there. */
function startRecorded(groups: string): ChildProcess {
  const child = spawn('sleep', ['600'], { env: {}, detached: true, stdio: 'ignore' })
  const { pid = 0 } = child
  const [task = ''] = readdirSync(groups)
  writeFileSync(join(groups, task, 'late'), `${pid} ${readProcess(pid)?.start}\n`)
  return child
}
