import type { Service } from '../../../lib/service/service.ts'
import { isEnded } from '../../../lib/job/job.ts'
import { makeModelService } from '../actors/model-service.ts'
import { jobNamed, makeModelApi, startChange, startSubmit } from '../actors/start-client.ts'
import { ModelKick, startLook, startScaler } from '../actors/start-scaler.ts'
import { startWorker } from '../actors/start-worker.ts'
import { INVARIANTS } from '../invariants/invariants.ts'
import { answerLocalFilesAtOnce } from './instant-files.ts'
import { Process } from './process.ts'
import type { Scenario } from './scenario.ts'
import type { Schedule } from './schedule.ts'
import type { Step } from './scheduler.ts'
import { settle } from './settle.ts'
import { followVirtualTime } from './virtual-globals.ts'
import { World } from './world.ts'

export interface Violation {
  readonly invariant: string
  readonly why: string
}

export interface RunResult {
  readonly violation?: Violation
  readonly steps: readonly Step[]
  /** It was left because it had come to a state that was explored before. */
  readonly isPruned: boolean
  readonly virtualSeconds: number
}

answerLocalFilesAtOnce()

interface RunOptions {
  /** Asked after each step: whether to leave the run here. */
  readonly isKnown?: (world: World) => boolean
  readonly onLog?: (line: string) => void
}

/** A job that has no end after so long is one that waits for ever. */
const LONGEST_MS = 45 * 60_000
const MOST_STEPS = 60_000

/** One run of a scenario, from its start to its end or to the first promise that is broken. */
export async function runScenario(
  scenario: Scenario,
  schedule: Schedule,
  options: RunOptions = {},
): Promise<RunResult> {
  const world = open(scenario, schedule, options.onLog)
  const broken: Violation[] = []
  for (const { name, watch } of INVARIANTS) {
    world.hooks.push(watch(world, (why) => broken.push({ invariant: name, why })))
  }
  const restore = followVirtualTime(world.time)
  let isPruned: boolean
  try {
    begin(world)
    await settle()
    isPruned = await goOn(world, { ...options, broken })
  } finally {
    world.close()
    restore()
  }
  const [violation] = broken
  const { steps } = world.scheduler
  const about = { steps, isPruned, virtualSeconds: world.time.nowMs / 1000 }
  return violation === undefined ? about : { ...about, violation }
}

/** @returns whether the run was left because where it had come to is known */
async function goOn(
  world: World,
  { broken, isKnown, onLog }: RunOptions & { readonly broken: readonly Violation[] },
): Promise<boolean> {
  while (broken.length === 0 && !isOver(world)) {
    if (!world.scheduler.step() && !passTime(world)) break
    await settle()
    world.noteStep()
    onLog?.(`${world.time.nowMs / 1000}s ${world.scheduler.steps.at(-1)?.id ?? 'begins'}`)
    if (broken.length === 0 && isKnown?.(world) === true) return true
  }
  if (broken.length === 0) world.noteEnd()
  return false
}

function open(scenario: Scenario, schedule: Schedule, onLog?: (line: string) => void): World {
  const service = makeModelService(scenario)
  const laterService = makeModelService({ ...scenario, ...scenario.scalingLater })
  const laterMs = (scenario.scalingLater?.atSeconds ?? Infinity) * 1000
  const serviceNow = (): Service => (world.time.nowMs < laterMs ? service : laterService)
  const kick = new ModelKick()
  const world: World = new World({
    scenario,
    schedule,
    version: service.version,
    startWorker: (_world, task) => startWorker(world, task, { service, kick }),
    startActor: (_world, name) => startActor(name),
    ...(onLog && { onLog }),
  })
  const app = makeModelApi(world, { service, kick })
  const startActor = (text: string): void => {
    const [kind = '', name = ''] = text.split(' ')
    if (kind === 'scaler') startScaler(world, serviceNow, kick)
    else if (kind === 'look') startLook(world, serviceNow)
    else if (kind === 'submit') startSubmit(world, app, jobNamed(scenario, name))
    else if (kind === 'cancel' || kind === 'retry') startChange(world, app, { kind, name })
    else if (kind === 'stop') world.fleet.stopTask(`task-${name}`, 'owner')
    else throw new Error(`nobody is called ${text}`)
  }
  return world
}

/** The deploy, the scaler, and the clients at their time. */
function begin(world: World): void {
  const { scenario, time, fleet } = world
  const outside = new Process('outside').main
  fleet.begin(scenario.workers)
  world.start('scaler')
  for (const { name, atSeconds = 0 } of scenario.jobs) {
    world.clientsBusy += 1
    time.after(outside, atSeconds * 1000, () => {
      world.start(`submit ${name}`)
      world.clientsBusy -= 1
    })
  }
}

/** False: nothing will ever happen again. */
function passTime(world: World): boolean {
  const nextMs = Math.min(world.time.nextAtMs(), world.scheduler.nextAtMs())
  if (nextMs === Infinity) return false
  world.time.advanceTo(nextMs)
  return true
}

function isOver(world: World): boolean {
  const { time, scheduler, scenario, clientsBusy, runs } = world
  if (time.nowMs > LONGEST_MS || scheduler.steps.length > MOST_STEPS) return true
  if (time.nowMs < (scenario.lastsSeconds ?? 0) * 1000 || clientsBusy > 0) return false
  if (scheduler.isHolding || runs.some(({ endedAtMs }) => endedAtMs === undefined)) return false
  const frozen = [...world.processes.values()].some(
    ({ isDead, main }) => !isDead && main.frozenUntilMs > time.nowMs,
  )
  const waits = world.queues.messages().some(({ queue }) => isForWorkers(queue))
  const keeps = [...world.kept.values()].some((kept) => kept.size > 0)
  return !frozen && !waits && !keeps && world.jobs().every(isTold)
}

function isForWorkers(queue: string): boolean {
  return queue === 'command' || queue === 'query'
}

function isTold({ status, notifyAt }: ReturnType<World['jobs']>[number]): boolean {
  return isEnded(status) && notifyAt === undefined
}
