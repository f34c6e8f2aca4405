import type { Service } from '../../../lib/service/service.ts'
import type { ScalerKick } from '../../../lib/ports/scaler-kick.ts'
import { makePace } from '../../../worker/loop/pace.ts'
import { runWorker } from '../../../worker/loop/run-worker.ts'
import type { WorkerDeps } from '../../../worker/loop/worker-deps.ts'
import type { ModelTask } from '../world/fleet-state.ts'
import { MemoryFiles } from '../world/memory-files.ts'
import { MemoryProtection } from '../world/memory-fleet.ts'
import { ModelBeats } from '../world/model-beats.ts'
import { ModelAnswers } from '../world/model-answers.ts'
import { ModelGuards } from '../world/model-guards.ts'
import type { Lane, Process } from '../world/process.ts'
import type { World } from '../world/world.ts'
import { makeQueues, makeTable } from './make-ports.ts'

/** Runs a worker as it is, but for its threads and processes, until it ends or is killed. */
export function startWorker(
  world: World,
  task: ModelTask,
  { service, kick }: { readonly service: Service; readonly kick: ScalerKick },
): void {
  world.spawn(task.process, async (process) => {
    const kept = new Set<string>()
    world.kept.set(process.name, kept)
    process.onDeath(() => kept.clear())
    await runWorker(makeDeps(world, task, { service, kick, kept })).finally(() => process.die())
  })
}

interface Makings {
  readonly service: Service
  readonly kick: ScalerKick
  readonly kept: Set<string>
}

function makeDeps(world: World, task: ModelTask, { service, kick, kept }: Makings): WorkerDeps {
  const { time, scheduler } = world
  const { process, taskId, stop } = task
  const gate = scheduler.gate(process.main)
  const clock = time.clockOf(process.main)
  const isRefused = (): boolean => scheduler.modifiers.has('refuse')
  return {
    service,
    version: service.version,
    workerId: process.name,
    taskId,
    ...makeStores(world, process.main),
    protection: new MemoryProtection(world.fleet, task, { gate, isRefused }),
    kick,
    clock,
    // Without chance: a schedule is to lead to the same run again.
    pace: makePace({ random: () => 1 }),
    log: world.log(process),
    // Only the beat thread opens it, and the model has another.
    store: { backend: 'embedded', stateDir: ':memory:' },
    makeLeases: (deps) => {
      const table = makeTable(world, process.beats)
      return new ModelBeats({ time, process, table, kept, letGo: world.letGo }, deps)
    },
    ...makeModelParts(world, process.main),
    guards: new ModelGuards(time, process.main, world.runs),
    workRoot: world.workRoot,
    baseEnv: {},
    stop: stop.signal,
    abandon: abandonOf(process),
  }
}

function makeModelParts(world: World, worker: Lane): Pick<WorkerDeps, 'makeModel' | 'callModel'> {
  const { scenario, time, scheduler } = world
  if (scenario.hasModel !== true) return {}
  const gate = scheduler.gate(worker)
  const model = new ModelAnswers({ time, worker, gate, onAsk: (ask) => world.ask(ask) })
  return { makeModel: model.makeModel, callModel: model.call }
}

function makeStores(world: World, lane: Lane): Pick<WorkerDeps, 'table' | 'queues' | 'files'> {
  const clock = world.time.clockOf(lane)
  return {
    table: makeTable(world, lane),
    queues: makeQueues(world, lane),
    files: new MemoryFiles(world.files, world.scheduler.gate(lane), () => clock.now()),
  }
}

/** Nobody abandons a worker here but who kills it. */
function abandonOf(_process: Process): AbortSignal {
  return new AbortController().signal
}
