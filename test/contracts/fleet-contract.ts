import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fleet, FleetTask, Side } from '../../lib/ports/fleet.ts'
import { waitFor } from '../support/wait-for.ts'

export interface FleetHarness {
  readonly fleet: Fleet
  /** What was deployed before the test. */
  readonly latestVersion: string
  /** Sets or lifts the protection of a running task, as its worker would. */
  protect(taskId: string): Promise<void>
  release(taskId: string): Promise<void>
  /** Makes the worker of a running task exit by itself. */
  endWorker(taskId: string): Promise<void>
  close(): Promise<void>
}

/** What every fleet promises (`lib/ports/fleet.ts`), with tasks that really run. */
export function defineFleetContract(name: string, make: () => Promise<FleetHarness>): void {
  describe(`fleet: ${name}`, () => {
    let harness: FleetHarness
    let fleet: Fleet

    beforeEach(async () => {
      harness = await make()
      fleet = harness.fleet
    })
    afterEach(() => harness.close())

    async function findTasks(side: Side, state: FleetTask['state']): Promise<FleetTask[]> {
      const { tasks } = await fleet.observe()
      return tasks.filter((task) => task.side === side && task.state === state)
    }

    /** Asks for so many and waits until exactly so many run. */
    async function scaleTo(side: Side, count: number): Promise<FleetTask[]> {
      await fleet.setDesired(side, count)
      return waitFor(`${count} running on side ${side}`, async () => {
        const running = await findTasks(side, 'running')
        return running.length === count && running
      })
    }

    async function start(side: Side, version: string, count: number): Promise<FleetTask[]> {
      await fleet.place(side, version)
      return scaleTo(side, count)
    }

    const stopsAll = (taskIds: readonly string[]) =>
      waitFor('the tasks to stop', async () => {
        return (await fleet.findStopped(taskIds)).length === taskIds.length
      })

    test('starts as many tasks as are asked for, in the version of the side', async () => {
      const tasks = await start('a', 'v1', 2)
      expect(new Set(tasks.map(({ taskId }) => taskId)).size).toBe(2)
      for (const task of tasks) expect(task).toMatchObject({ side: 'a', version: 'v1' })
      const { sides, latestVersion } = await fleet.observe()
      expect(sides.a).toEqual({ version: 'v1', desired: 2, running: 2, pending: 0 })
      expect(sides.b).toMatchObject({ desired: 0, running: 0, pending: 0 })
      expect(latestVersion).toBe(harness.latestVersion)
    })

    test('stops surplus tasks, and then says that they have stopped', async () => {
      const ids = (await start('a', 'v1', 2)).map(({ taskId }) => taskId)
      expect(await fleet.findStopped(ids)).toEqual([])
      await fleet.setDesired('a', 0)
      await stopsAll(ids)
      const stopped = (await findTasks('a', 'stopped')).map(({ taskId }) => taskId)
      expect(stopped.toSorted()).toEqual(ids.toSorted())
    })

    test('stops the tasks that are not protected, whichever those are', async () => {
      const [oldest, middle, newest] = await start('a', 'v1', 3)
      await harness.protect(oldest!.taskId)
      await harness.protect(newest!.taskId)
      const [first, second, ...more] = await scaleTo('a', 2)
      expect([first!.taskId, second!.taskId].toSorted()).toEqual(
        [oldest!.taskId, newest!.taskId].toSorted(),
      )
      expect(more).toEqual([])
      await stopsAll([middle!.taskId])
    })

    test('keeps a protected task while it is protected, however few are asked for', async () => {
      const [kept, other] = await start('a', 'v1', 2)
      await harness.protect(kept!.taskId)
      await fleet.setDesired('a', 0)
      await stopsAll([other!.taskId])
      const { sides } = await fleet.observe()
      expect(sides.a).toMatchObject({ desired: 0, running: 1 })
      await harness.release(kept!.taskId)
      await stopsAll([kept!.taskId])
    })

    test('replaces a task whose worker exits', async () => {
      const [first] = await start('a', 'v1', 1)
      await harness.endWorker(first!.taskId)
      const next = await waitFor('a replacement', async () => {
        return (await findTasks('a', 'running')).find(({ taskId }) => taskId !== first!.taskId)
      })
      expect(next.version).toBe('v1')
      await stopsAll([first!.taskId])
    })

    test('runs a second version on the other side, and a third once a side is empty', async () => {
      const [old] = await start('a', 'v1', 1)
      await start('b', 'v2', 1)
      await expect(fleet.place('a', 'v3')).rejects.toThrow(/not empty/)
      await fleet.setDesired('a', 0)
      await stopsAll([old!.taskId])
      const [task] = await start('a', 'v3', 1)
      expect(task!.version).toBe('v3')
      expect((await fleet.observe()).sides.b).toMatchObject({ version: 'v2', running: 1 })
    })

    test('stops the one task that is named, and another takes its place', async () => {
      const [first, second] = await start('a', 'v1', 2)
      await fleet.stopTask(first!.taskId, 'it is silent')
      await stopsAll([first!.taskId])
      const [stopped] = await findTasks('a', 'stopped')
      expect(stopped).toMatchObject({ taskId: first!.taskId })
      expect(stopped?.stoppedReason).toContain('it is silent')
      const running = await waitFor('a replacement', async () => {
        const found = await findTasks('a', 'running')
        return found.length === 2 && found
      })
      expect(running.map(({ taskId }) => taskId)).toContain(second!.taskId)
    })

    test('leaves alone a task that has stopped, or that nobody knows', async () => {
      const [task] = await start('a', 'v1', 1)
      await fleet.setDesired('a', 0)
      await stopsAll([task!.taskId])
      await fleet.stopTask(task!.taskId, 'again')
      await fleet.stopTask('nobody', 'x')
      const [stopped] = await findTasks('a', 'stopped')
      expect(stopped?.stoppedReason).not.toContain('again')
    })

    test('counts a task that nobody knows as stopped', async () => {
      const [known] = await start('a', 'v1', 1)
      expect(await fleet.findStopped([known!.taskId, 'nobody'])).toEqual(['nobody'])
    })
  })
}
