import type { Hono } from 'hono'
import { makeApp } from '../../../lib/api/make-app.ts'
import type { ApiEnv } from '../../../lib/api/route.ts'
import { makeTokenSet } from '../../../lib/api/auth/token-set.ts'
import type { Service } from '../../../lib/service/service.ts'
import type { Clock } from '../../../lib/ports/clock.ts'
import type { ScalerKick } from '../../../lib/ports/scaler-kick.ts'
import { MemoryFiles } from '../world/memory-files.ts'
import { MemoryFleet } from '../world/memory-fleet.ts'
import { currentLane, currentLaneOrNone, Process } from '../world/process.ts'
import type { Scenario, ScenarioJob } from '../world/scenario.ts'
import type { World } from '../world/world.ts'
import { makeQueues, makeTable } from './make-ports.ts'

const TOKEN = 'secret-of-the-model'
const TOKENS = makeTokenSet([{ tenant: 'default', token: TOKEN }])
/** Between two tries of a client that got no answer. */
const RETRY_MS = 5000
const MAX_TRIES = 4

/** The API of one run; each call of it is a process of its own, as in a Lambda. */
export function makeModelApi(
  world: World,
  { service, kick }: { readonly service: Service; readonly kick: ScalerKick },
): Hono<ApiEnv> {
  const { scheduler, time } = world
  const gate = scheduler.gate()
  const deploy = new Process('deploy').main
  // Whoever calls brings a clock of its own.
  const clockNow = (): Clock => time.clockOf(currentLaneOrNone() ?? deploy)
  const clock: Clock = {
    now: () => clockNow().now(),
    monotonicMs: () => time.nowMs,
    sleep: (ms, signal) => clockNow().sleep(ms, signal),
  }
  return makeApp({
    service,
    table: makeTable(world),
    queues: makeQueues(world),
    files: new MemoryFiles(world.files, gate, () => clock.now()),
    fleet: new MemoryFleet(world.fleet, gate),
    kick,
    clock,
    log: world.log(new Process('api')),
    newId: () => world.newId(nameForIds(currentLane().process.name)),
    tokens: () => TOKENS,
    canStream: true,
    version: '0.0.0-model',
  })
}

/** `submit j1 try1` makes ids for j1, `retry j1 try1` for another job. */
function nameForIds(processName: string): string {
  const [kind = '', name = ''] = processName.split(' ')
  return kind === 'retry' ? `retry-of-${name}` : name
}

interface ApiCall {
  /** `submit`, `cancel` or `retry`. */
  readonly kind: string
  readonly name: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** How often it may be made until it is answered. */
  readonly tries: number
}

/** Makes a call of the API in a process of its own; where it fails or dies, again. */
function startCall(world: World, app: Hono<ApiEnv>, call: ApiCall): void {
  const { kind, name, path, body, headers, tries } = call
  const process = new Process(world.newName(`${kind} ${name} try`))
  const outside = new Process('outside').main
  let isAnswered = false
  world.clientsBusy += 1
  process.onDeath(() => {
    if (!isAnswered && tries > 1) {
      world.clientsBusy += 1
      world.time.after(outside, RETRY_MS, () => {
        world.clientsBusy -= 1
        startCall(world, app, { ...call, tries: tries - 1 })
      })
    }
    world.clientsBusy -= 1
  })
  world.spawn(process, async () => {
    const response = await app.request(path, {
      method: 'POST',
      headers: { Authorization: TOKEN, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Record<string, unknown>
    const { status } = response
    isAnswered = status < 500
    world.answer({ kind, name, status, body: answer, atMs: world.time.nowMs })
    process.die()
  })
}

export function startSubmit(world: World, app: Hono<ApiEnv>, job: ScenarioJob): void {
  const {
    name,
    program,
    taskType,
    hasKey = false,
    retry,
    queueSeconds,
    checkpointSeconds = 0,
  } = job
  startCall(world, app, {
    kind: 'submit',
    name,
    path: '/jobs',
    body: {
      ...(taskType === 'query'
        ? { taskType, input: program }
        : { taskType: 'command', command: program, checkpointSeconds }),
      tags: { name },
      limits: { graceSeconds: 5, ...(queueSeconds !== undefined && { queueSeconds }) },
      retry: { maxRetries: 0, maxLosses: 3, backoffSeconds: 1, ...retry },
    },
    ...(hasKey && { headers: { 'Idempotency-Key': `key-of-${name}` } }),
    tries: hasKey ? MAX_TRIES : 1,
  })
}

/** Cancels or retries the job of this name, once a row of it stands; else nothing happens. */
export function startChange(
  world: World,
  app: Hono<ApiEnv>,
  { kind, name }: { readonly kind: 'cancel' | 'retry'; readonly name: string },
): void {
  const job = world.jobs().find(({ tags }) => tags['name'] === name)
  if (job === undefined) return
  startCall(world, app, { kind, name, path: `/jobs/${job.id}/${kind}`, tries: 1 })
}

/** @throws Error where the scenario has no job of this name */
export function jobNamed({ jobs }: Scenario, name: string): ScenarioJob {
  const job = jobs.find((each) => each.name === name)
  if (job === undefined) throw new Error(`the scenario has no job ${name}`)
  return job
}
