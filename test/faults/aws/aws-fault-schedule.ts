import { setTimeout as sleep } from 'node:timers/promises'
import { killWorker } from '../inject/kill-worker.ts'
import { stopWorkerBeyondLease, stopWorkerBriefly } from '../inject/stop-worker.ts'
import { pickWeighted, type Random } from '../random.ts'
import type { AwsStage } from './aws-stage.ts'
import type { Fault } from './fault.ts'
import type { ServiceName } from './service-call.ts'
import { serverFault, throttled, unavailable } from './service-errors.ts'
import { answerLost, requestLost, silence } from './transport-faults.ts'

interface Blow {
  readonly weight: number
  /** Blows to the same part never meet. */
  readonly part?: string
  readonly strike: (stage: AwsStage, random: Random) => Promise<void>
}

const OUTAGE_FAULTS: readonly Fault[] = [
  throttled,
  serverFault,
  unavailable,
  requestLost,
  answerLost,
  silence,
]

/** What comes on top of the faults in single calls. */
const BLOWS: readonly Blow[] = [
  { weight: 5, strike: killWorker },
  { weight: 1.5, strike: stopWorkerBriefly },
  { weight: 1, strike: stopWorkerBeyondLease, part: 'hung worker' },
  { weight: 2, strike: outageOf('dynamodb', 0.5), part: 'dynamodb' },
  { weight: 2, strike: outageOf('sqs', 0.6), part: 'sqs' },
  { weight: 2, strike: outageOf('s3', 0.6), part: 's3' },
  { weight: 1, strike: outageOf('ecs', 1.5), part: 'ecs' },
  { weight: 1, strike: outageOf('agent', 1), part: 'agent' },
  { weight: 1, strike: pauseScaler, part: 'scaler' },
  { weight: 1, strike: rollVersion, part: 'scaler' },
]

/**
 * Strikes one blow after the other until the signal: first each once, in an order that the seed
 * decides, then by weight. Resolves when the last of them is over.
 */
export async function strikeBlows(
  stage: AwsStage,
  { random, pauseMs }: { random: Random; pauseMs: number },
  signal: AbortSignal,
): Promise<void> {
  const busy = new Set<string>()
  const running: Promise<void>[] = []
  const first = shuffle(random)
  for (let count = 0; !signal.aborted; count += 1) {
    const waitMs = random.int(pauseMs / 2, pauseMs * 1.5)
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    const blow = first.pop() ?? pickWeighted(random, BLOWS)
    const { part = `blow ${count}` } = blow
    if (signal.aborted || busy.has(part)) continue
    busy.add(part)
    const struck = blow.strike(stage, random.fork(String(count)))
    running.push(struck.finally(() => busy.delete(part)))
  }
  await Promise.all(running)
}

/**
 * Every call of a service fails for a part of the lease: a store that is away for less than the
 * lease costs no job.
 */
function outageOf(service: ServiceName, leases: number): Blow['strike'] {
  return async (stage, random) => {
    const fault = random.pick(OUTAGE_FAULTS.filter(({ hits }) => hits(anyCallOf(service))))
    const leaseMs = stage.timing.lease_seconds.query * 1000
    stage.fault(`outage of ${service}: ${fault.kind}`)
    // Without its table the scaler does not look, and without ECS it sees no task stop.
    const isBlinding = service === 'dynamodb' || service === 'ecs'
    const endAbsence = isBlinding ? stage.beginOutage('away') : undefined
    stage.plan.beginOutage(service, fault)
    await sleep(random.int(leaseMs / 4, leaseMs) * leases)
    stage.plan.endOutage(service)
    endAbsence?.()
  }
}

function anyCallOf(service: ServiceName) {
  const request = { method: 'PUT', path: '/', action: '', headers: {}, body: Buffer.alloc(0) }
  return { service, action: '', request, input: {} }
}

/** Longer than three looks, so that the sweep's memory starts anew at times. */
async function pauseScaler(stage: AwsStage, random: Random): Promise<void> {
  stage.fault('scaler stopped')
  const lookMs = stage.timing.look_seconds * 1000
  const endAbsence = stage.beginOutage('away')
  await stage.withoutScaler(() => sleep(random.int(lookMs, 4 * lookMs)))
  endAbsence()
}

async function rollVersion(stage: AwsStage): Promise<void> {
  stage.fault('new worker version')
  await stage.rollVersion()
}

function shuffle(random: Random): Blow[] {
  const drawn = BLOWS.map((blow) => ({ blow, at: random.next() }))
  return drawn.toSorted((one, other) => one.at - other.at).map(({ blow }) => blow)
}
