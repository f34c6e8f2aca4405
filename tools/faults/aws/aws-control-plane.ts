import { randomUUID } from 'node:crypto'
import { makeApp } from '../../../lib/api/make-app.ts'
import { makeTokenSet } from '../../../lib/api/auth/token-set.ts'
import { lookOnKick, runLooks } from '../../../lib/scaler/look/run-looks.ts'
import type { ScalerDeps } from '../../../lib/scaler/look/scaler-deps.ts'
import type { StoreSettings } from '../../../lib/adapters/aws/aws-settings.ts'
import { type AwsBackend, openAws } from '../../../lib/adapters/aws/open-aws.ts'
import { makeIdGenerator } from '../../../lib/job/job-id.ts'
import type { Service } from '../../../lib/service/service.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import type { Log } from '../../../lib/ports/log.ts'
import { CLUSTER, definitionArnOf, ECS_SERVICES } from './ecs-of-fleet.ts'

/** As in lambdas/api.ts: a request has 29 s in all. */
const API_LIMITS = { files: { tryMs: 4000, callMs: 9000, maxTries: 3 } }

export interface ControlPlaneSettings {
  readonly store: StoreSettings
  /** As it was deployed last. */
  readonly service: Service
  readonly token: string
  readonly log: Log
}

/** The functions of a deployed service: the API, and the scaler that it kicks. */
export interface ControlPlane {
  fetch(request: Request): Response | Promise<Response>
  /** Looks until the signal, beside any other loop; the lock lets one at a time act. */
  runScaler(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export function openControlPlane(settings: ControlPlaneSettings): ControlPlane {
  const { service, token, log } = settings
  const aws = open(settings, API_LIMITS)
  const scaler = open(settings)
  const closing = new AbortController()
  const depsOf = (): ScalerDeps => ({
    ...scaler,
    service: () => service,
    clock: systemClock,
    log: log.with({ part: 'scaler' }),
    owner: randomUUID(),
  })
  const tokens = makeTokenSet([{ tenant: '*', token }])
  const app = makeApp({
    ...aws,
    service,
    clock: systemClock,
    log: log.with({ part: 'api' }),
    // The function runs beside; nobody waits for the look.
    kick: { kick: async () => void lookOnKick(depsOf(), closing.signal) },
    newId: makeIdGenerator({ now: () => systemClock.now(), random: Math.random }),
    tokens: () => tokens,
    canStream: false,
    version: '0.0.0-test',
  })
  return {
    fetch: (request) => app.fetch(request),
    runScaler: (signal) => runLooks(depsOf(), { signal }),
    close: async () => {
      closing.abort()
      await Promise.all([aws.close(), scaler.close()])
    },
  }
}

function open(
  { store, service, log }: ControlPlaneSettings,
  limits: StoreSettings['limits'] = {},
): AwsBackend {
  return openAws({
    ...store,
    limits,
    clusterName: CLUSTER,
    ecsServices: ECS_SERVICES,
    taskDefinitionArn: definitionArnOf(service.version),
    serviceName: service.name,
    log,
  })
}
