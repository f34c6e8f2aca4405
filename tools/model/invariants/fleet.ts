import { readWorkerRow, type WorkerRow } from '../../../lib/scaling/worker-row.ts'
import type { ModelTask } from '../world/fleet-state.ts'
import { jobOf } from '../world/read-jobs.ts'
import type { World } from '../world/world.ts'
import type { Invariant } from './invariant.ts'

function taskOf(world: World, workerId: string): ModelTask | undefined {
  return world.fleet.tasks.find(({ process }) => process.name === workerId)
}

function rowOf(world: World, workerId: string): WorkerRow | undefined {
  const row = world.table.rows().find(({ key }) => key.pk === 'workers' && key.sk === workerId)
  return row && readWorkerRow(workerId, row.data)
}

/** Whether it runs a job, or has one by the table and has not let go of it. */
function isHolding(world: World, { process }: ModelTask): boolean {
  const runs = world.runs.some((run) => run.worker === process && run.endedAtMs === undefined)
  return (
    runs ||
    world.jobs().some(({ id, attempt, lease }) => {
      return lease?.workerId === process.name && !world.letGo.has(`${id}:${attempt}`)
    })
  )
}

/** Whether it keeps a lease, by its own lights. */
function isWorking(world: World, task: ModelTask): boolean {
  return (world.kept.get(task.process.name)?.size ?? 0) > 0
}

export const protectedBeforeClaim: Invariant = {
  name: 'protected-before-claim',
  sentence: 'a worker is protected before it claims a job, and until that job is finished',
  watch: (world, fail) => ({
    onRow(before, after, by) {
      const [was, is] = [jobOf(before), jobOf(after)]
      if (is?.lease === undefined || was?.lease !== undefined || by === undefined) return
      const task = taskOf(world, is.lease.workerId)
      // Its own stop is no scale-in: what it claims just then is released at once.
      if (task === undefined || task.state !== 'running' || by.process.isDead) return
      if (!world.fleet.isProtected(task))
        fail(`${by.name} claimed ${world.nameOf(is.id)} unprotected`)
    },
    afterStep() {
      for (const task of world.fleet.tasks) {
        if (task.state !== 'running' || !isWorking(world, task)) continue
        if (!world.fleet.isProtected(task)) fail(`${task.process.name} works unprotected`)
      }
    },
  }),
}

export const rowSaysBusy: Invariant = {
  name: 'row-says-busy',
  sentence: 'a worker that is protected, or works, never says that it is idle',
  watch: (world, fail) => ({
    afterStep() {
      for (const task of world.fleet.tasks) {
        const { process } = task
        if (process.isDead) continue
        const state = rowOf(world, process.name)?.state
        const isFree = state === 'idle' || state === 'starting'
        if (isFree && world.fleet.isProtected(task))
          fail(`${process.name} is ${state} and protected`)
        if (isFree && isWorking(world, task)) fail(`${process.name} is ${state} and works`)
      }
    },
  }),
}

export const busyIsNotStopped: Invariant = {
  name: 'busy-is-not-stopped',
  sentence: 'neither the fleet nor the scaler stops a worker that works',
  watch: (world, fail) => ({
    onStop(task, why) {
      if (why === 'owner' || !isHolding(world, task)) return
      fail(`${task.process.name} was stopped by ${why} while it worked`)
    },
  }),
}

interface Seen {
  busy: number
  isBlind: boolean
}

export const neverBelowBusy: Invariant = {
  name: 'never-below-busy',
  sentence:
    'no count is set below the workers seen busy, and a look that could not see lowers none',
  watch: (world, fail) => {
    const seen = new Map<string, Seen>()
    return {
      onCall({ action, target }, by, how) {
        const { name } = by.process
        if (!/^(s|look)\d/.test(name)) return
        const isBad = how === 'fail' || how === 'lose' || how === 'ghost'
        if (action === 'query' && target === 'status#queued')
          seen.set(name, { busy: 0, isBlind: isBad })
        const mine = seen.get(name)
        if (mine === undefined) return
        const isSensing = action === 'list' || action === 'observe' || action === 'depth'
        if (isBad && isSensing && target !== 'dead') mine.isBlind = true
        if (action === 'list' && target === 'workers') mine.busy = countBusy(world)
      },
      onDesired({ side, from, to }, by) {
        const mine = seen.get(by?.process.name ?? '')
        if (mine === undefined || to >= from) return
        if (mine.isBlind)
          fail(`${by?.name} lowered ${side} to ${to} without having seen everything`)
        const { a, b } = world.fleet.sides
        const sum = to + (side === 'a' ? b : a).desired
        if (sum < mine.busy) fail(`${by?.name} wants ${sum} workers, and ${mine.busy} were busy`)
      },
    }
  },
}

function countBusy(world: World): number {
  return world.fleet.tasks.filter(({ process, state }) => {
    const row = rowOf(world, process.name)
    return (state === 'running' || state === 'pending') && row?.state === 'busy'
  }).length
}
