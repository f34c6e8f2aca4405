import { setTimeout as sleep } from 'node:timers/promises'
import { killWorker } from '../inject/kill-worker.ts'
import {
  stopWorkerBeyondLease,
  stopWorkerBriefly,
  stopWorkerUndisturbed,
} from '../inject/stop-worker.ts'
import type { CampaignFault } from '../inject-faults.ts'
import type { Random } from '../../support/random.ts'
import type { AwsStage } from './aws-stage.ts'
import type { Fault } from './fault.ts'
import type { ServiceName } from './service-call.ts'
import { serverFault, throttled, unavailable } from './service-errors.ts'
import { answerLost, requestLost, silence } from './transport-faults.ts'

const OUTAGE_FAULTS: readonly Fault[] = [
  throttled,
  serverFault,
  unavailable,
  requestLost,
  answerLost,
  silence,
]

/** What comes on top of the faults in single calls. */
export const BLOWS: readonly CampaignFault<AwsStage>[] = [
  { weight: 5, inject: killWorker },
  { weight: 1.5, inject: stopWorkerBriefly },
  { weight: 1, inject: stopWorkerBeyondLease, parts: ['hung worker'] },
  {
    weight: 0.5,
    inject: stopWorkerUndisturbed,
    parts: ['hung worker', 'dynamodb', 'sqs', 's3', 'ecs', 'scaler'],
  },
  { weight: 2, inject: outageOf('dynamodb', 0.5), parts: ['dynamodb'] },
  { weight: 2, inject: outageOf('sqs', 0.6), parts: ['sqs'] },
  { weight: 2, inject: outageOf('s3', 0.6), parts: ['s3'] },
  { weight: 1, inject: outageOf('ecs', 1.5), parts: ['ecs'] },
  { weight: 1, inject: outageOf('agent', 1), parts: ['agent'] },
  { weight: 1, inject: pauseScaler, parts: ['scaler'] },
  { weight: 1, inject: rollVersion, parts: ['scaler'] },
]

/** By what each sort begins in the ledger; a whole campaign strikes with every one of them. */
export const SORTS: readonly string[] = [
  'worker: SIGKILL',
  'worker and guards: SIGKILL',
  'worker: SIGSTOP, shorter than the lease',
  'worker: SIGSTOP, beyond the lease',
  'new worker version',
  'scaler stopped',
  ...['dynamodb', 'sqs', 's3', 'ecs', 'agent'].map((name) => `outage of ${name}`),
  ...['dynamodb', 'sqs', 's3'].flatMap((name) => {
    const kinds = ['throttled', 'status 500', 'no answer, after it took effect']
    return kinds.map((kind) => `${name}: ${kind}`)
  }),
  'dynamodb: stale index',
  'dynamodb: transaction conflict',
  'sqs: message delayed, out of order',
  'sqs: message doubled in the queue',
  'sqs: message received twice',
  'sqs: part of a batch failed',
  'sqs: queue count of zero',
  'sqs: stale queue count',
  'ecs: stale fleet',
  'agent: protection refused',
  'client vanishes',
  'client repeats',
]

/**
 * Every call of a service fails for a part of the lease: a store that is away for less than the
 * lease costs no job.
 */
function outageOf(service: ServiceName, leases: number): CampaignFault<AwsStage>['inject'] {
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

/** Longer than three looks, so that the reaper's memory starts anew at times. */
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
