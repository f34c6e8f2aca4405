import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  afterDeath,
  type Deaths,
  type RestartBackoff,
} from '../../../lib/adapters/child-processes/fleet/restart-backoff.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { makeStateDir, TestFleet } from './test-fleet.ts'

const BACKOFF: RestartBackoff = { initialSeconds: 1, maxSeconds: 4, stableSeconds: 60 }

describe('a worker that dies', () => {
  let fleet: TestFleet | undefined
  afterEach(async () => {
    await fleet?.close()
    fleet = undefined
  })

  test('soon after its start is replaced later and later', async () => {
    const clock = new FakeClock()
    const startsMs: number[] = []
    const command = () => {
      startsMs.push(clock.monotonicMs())
      return { file: '/bin/sh', args: ['-c', 'exit 3'], env: {} }
    }
    fleet = await TestFleet.open({ clock, command, restartBackoff: BACKOFF })
    fleet.supervisor.deploy('v1')
    await fleet.supervisor.place('a', 'v1')
    await fleet.supervisor.setDesired('a', 1)
    await fleet.waitFor('five starts', async () => startsMs.length >= 5)
    const gapsMs = startsMs.slice(1).map((atMs, index) => atMs - startsMs[index]!)
    for (const [index, leastMs] of [1000, 2000, 4000, 4000].entries()) {
      expect(gapsMs[index]).toBeGreaterThanOrEqual(leastMs)
    }
    const { tasks } = await fleet.supervisor.observe()
    expect(tasks[0]).toMatchObject({ state: 'stopped', stoppedReason: 'exit code 3' })
  })

  test('keeps no worker of another version waiting', async () => {
    const clock = new FakeClock()
    let starts = 0
    const command = () => {
      starts += 1
      return { file: '/bin/sh', args: ['-c', 'exit 3'], env: {} }
    }
    const restartBackoff = { ...BACKOFF, initialSeconds: 1000, maxSeconds: 1000 }
    fleet = await TestFleet.open({ clock, command, restartBackoff })
    const { supervisor } = fleet
    supervisor.deploy('v1')
    await supervisor.place('a', 'v1')
    await supervisor.setDesired('a', 1)
    const [task] = await fleet.present()
    await fleet.hasStopped(task!.taskId)
    await supervisor.setDesired('a', 0)
    await supervisor.setDesired('a', 1)
    expect(starts).toBe(1)
    await supervisor.setDesired('a', 0)
    await supervisor.place('a', 'v2')
    await supervisor.setDesired('a', 1)
    expect(starts).toBe(2)
  })

  test('is not replaced before its successor is on record', async () => {
    let starts = 0
    const stateDir = await makeStateDir()
    const command = () => {
      starts += 1
      return { file: '/bin/sh', args: ['-c', 'read -r line'], env: {} }
    }
    const restartBackoff = { ...BACKOFF, initialSeconds: 0, maxSeconds: 0 }
    fleet = await TestFleet.open({ stateDir, command, restartBackoff })
    const { supervisor } = fleet
    supervisor.deploy('v1')
    await supervisor.place('a', 'v1')
    await supervisor.setDesired('a', 1)
    const obstacle = join(stateDir, 'supervisor', `fleet.json.${process.pid}.new`)
    mkdirSync(join(obstacle, 'in-the-way'), { recursive: true })
    const [task] = await fleet.present()
    await supervisor.stopTask(task!.taskId, 'a test')
    await fleet.waitFor('one that waits', async () => {
      return (await supervisor.observe()).sides.a.pending === 1
    })
    expect(starts).toBe(1)
    rmSync(obstacle, { recursive: true })
    await fleet.waitFor('one that runs', async () => {
      return (await supervisor.observe()).sides.a.running === 1
    })
    expect(starts).toBe(2)
  })

  test.each([
    ['a program that is not there', () => ({ file: '/no/such/program', args: [], env: {} })],
    [
      'a command that cannot be made',
      () => {
        throw new Error('no version file')
      },
    ],
  ])('before it runs (%s) is told with the reason', async (_what, command) => {
    fleet = await TestFleet.open({ command })
    fleet.supervisor.deploy('v1')
    await fleet.supervisor.place('a', 'v1')
    await fleet.supervisor.setDesired('a', 1)
    const open = fleet
    const task = await open.waitFor('a stopped task', async () => {
      return (await open.supervisor.observe()).tasks.find(({ state }) => state === 'stopped')
    })
    expect(task.stoppedReason).toMatch(/^could not be started: .*(ENOENT|no version file)/)
  })
})

describe('the back-off', () => {
  const die = (known: Deaths | undefined, startedMs: number, nowMs: number) =>
    afterDeath(known, { startedMs, nowMs }, BACKOFF)

  test('doubles up to its bound', () => {
    let known: Deaths | undefined
    const delays: number[] = []
    for (let nowMs = 100; delays.length < 5; nowMs = known!.notBeforeMs + 100) {
      known = die(known, nowMs - 50, nowMs)
      delays.push(known!.notBeforeMs - nowMs)
    }
    expect(delays).toEqual([1000, 2000, 4000, 4000, 4000])
  })

  test('is forgotten once a worker has run for the stable time', () => {
    const known = die(die(undefined, 0, 100), 2000, 2100)
    expect(die(known, 5000, 65_000)).toBeUndefined()
  })

  test('starts anew after a quiet time, although no worker has ended well', () => {
    const known = die(die(undefined, 0, 100), 2000, 2100)
    expect(die(known, 100_000, 100_100)).toMatchObject({ inRow: 1 })
  })

  test('counts workers that start together and die together once', () => {
    const first = die(undefined, 0, 100)
    expect(die(first, 0, 101)).toEqual(first)
  })
})
