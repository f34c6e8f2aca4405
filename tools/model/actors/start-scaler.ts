import { look } from '../../../lib/scaler/look/look.ts'
import { WakeableTimer } from '../../../lib/pace/wakeable-timer.ts'
import { runLooks } from '../../../lib/scaler/look/run-looks.ts'
import type { ScalerDeps } from '../../../lib/scaler/look/scaler-deps.ts'
import type { ScalerKick } from '../../../lib/ports/scaler-kick.ts'
import type { Service } from '../../../lib/service/service.ts'
import { MemoryFiles } from '../world/memory-files.ts'
import { MemoryFleet } from '../world/memory-fleet.ts'
import { Process } from '../world/process.ts'
import type { World } from '../world/world.ts'
import { makeQueues, makeTable } from './make-ports.ts'

/** Before a scaler that died is there again. */
const RESTART_MS = 10_000

/** Reaches the scaler process that lives now; a kick while none does is lost. */
export class ModelKick implements ScalerKick {
  timer: WakeableTimer | undefined

  async kick(): Promise<void> {
    this.timer?.wake()
  }
}

/** The scaler with its clock and its kicks; one that is killed comes back. */
export function startScaler(world: World, service: () => Service, kick: ModelKick): void {
  const process = new Process(world.newName('s'))
  const supervisor = new Process('supervisor').main
  process.onDeath(() => {
    world.time.after(supervisor, RESTART_MS, () => startScaler(world, service, kick))
  })
  world.spawn(process, async () => {
    const { signal } = new AbortController()
    const deps = makeDeps(world, process, service)
    kick.timer = new WakeableTimer(deps.clock)
    await runLooks(deps, { signal, kicks: kick.timer })
  })
}

/** One more look beside the scaler's own, as where two of its Lambdas overlap. */
export function startLook(world: World, service: () => Service): void {
  const process = new Process(world.newName('look'))
  world.clientsBusy += 1
  process.onDeath(() => (world.clientsBusy -= 1))
  world.spawn(process, async () => {
    await look(makeDeps(world, process, service), 'clock')
    process.die()
  })
}

function makeDeps(world: World, process: Process, service: () => Service): ScalerDeps {
  const gate = world.scheduler.gate(process.main)
  const clock = world.time.clockOf(process.main)
  const { deepQueueMessages } = world.scenario
  return {
    service,
    table: makeTable(world, process.main),
    queues: makeQueues(world, process.main),
    files: new MemoryFiles(world.files, gate, () => clock.now()),
    fleet: new MemoryFleet(world.fleet, gate),
    metrics: { emit: () => Promise.resolve() },
    clock,
    log: world.log(process),
    owner: process.name,
    ...(deepQueueMessages !== undefined && { deepQueueMessages }),
  }
}
