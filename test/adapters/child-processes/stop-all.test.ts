import { afterEach, expect, test } from 'vitest'
import { readProcess } from '../../../lib/processes/read-process.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { TestFleet } from './test-fleet.ts'

let fleet: TestFleet
afterEach(() => fleet.close())

const isGone = (pid: number) => readProcess(pid) === undefined

test('stopAll stops protected workers too, replaces none, and then answers no more', async () => {
  fleet = await TestFleet.open()
  const [one, other] = await fleet.start(2)
  const protection = await fleet.protectionOf(one!.taskId)
  await protection.protect(60)
  const pids = [(await fleet.report(one!.taskId)).pid, (await fleet.report(other!.taskId)).pid]
  await fleet.supervisor.stopAll({ graceSeconds: 20 })
  expect(pids.every(isGone)).toBe(true)
  expect(fleet.stopped.map(({ stoppedReason }) => stoppedReason)).toEqual([
    'the service stops; exit code 0',
    'the service stops; exit code 0',
  ])
  expect(await protection.protect(60)).toMatchObject({ kind: 'unreachable' })
  await expect(fleet.supervisor.observe()).rejects.toBeInstanceOf(PortUnavailable)
  await expect(fleet.supervisor.setDesired('a', 0)).rejects.toBeInstanceOf(PortUnavailable)
})

test('stopAll again with a shorter grace hurries workers that do not hear SIGTERM', async () => {
  fleet = await TestFleet.open({ program: 'supervised-stubborn' })
  const [task] = await fleet.start(1)
  const { pid } = await fleet.report(task!.taskId)
  const patient = fleet.supervisor.stopAll({ graceSeconds: 600 })
  const hurried = fleet.supervisor.stopAll({ graceSeconds: 0 })
  expect(hurried).toBe(patient)
  await hurried
  expect(isGone(pid)).toBe(true)
})

test('stopAll hurries a worker that is being scaled in with a long stop time', async () => {
  fleet = await TestFleet.open({ program: 'supervised-stubborn', stopSeconds: 600 })
  const [task] = await fleet.start(1)
  await fleet.supervisor.setDesired('a', 0)
  await fleet.supervisor.stopAll({ graceSeconds: 0 })
  expect(fleet.stopped[0]).toMatchObject({ taskId: task!.taskId, state: 'stopped' })
  // The order that came first is the reason.
  expect(fleet.stopped[0]!.stoppedReason).toMatch(/^scaled in; /)
})

test('a state folder opened again has the numbers that it was last asked for', async () => {
  fleet = await TestFleet.open()
  await fleet.start(2)
  await fleet.supervisor.stopAll({ graceSeconds: 20 })
  fleet = await TestFleet.open({ stateDir: fleet.stateDir })
  const { sides } = await fleet.supervisor.observe()
  expect(sides.a).toEqual({ version: 'v1', desired: 2, running: 2, pending: 0 })
})
