import type { Log } from '../../ports/log.ts'
import type { Side } from '../../ports/fleet.ts'
import type { QueueName } from '../../ports/queues.ts'

/** How long a call to AWS may take, and how often it is tried. */
export interface CallLimits {
  /** One try, from its start to the head of the answer. */
  readonly tryMs: number
  /** One call of a port with all its tries, pages and pauses. */
  readonly callMs: number
  readonly maxTries: number
}

export type Port =
  | 'table'
  | 'queues'
  | 'files'
  | 'fleet'
  | 'metrics'
  | 'kick'
  | 'secrets'
  | 'credentials'

/**
 * Defaults. Those of the SDK are never used: it has no limit for a try that connects and then gets
 * no answer.
 */
export const CALL_LIMITS: Readonly<Record<Port, CallLimits>> = {
  table: { tryMs: 2500, callMs: 8000, maxTries: 4 },
  // A long poll adds its own wait to both.
  queues: { tryMs: 3000, callMs: 9000, maxTries: 4 },
  // A try sends up to one part of a file.
  files: { tryMs: 30_000, callMs: 90_000, maxTries: 4 },
  fleet: { tryMs: 4000, callMs: 9000, maxTries: 3 },
  metrics: { tryMs: 2000, callMs: 5000, maxTries: 2 },
  // A lost kick costs one look period; a second try would only cost time.
  kick: { tryMs: 1000, callMs: 1500, maxTries: 1 },
  // An authorizer has 10 s in all.
  secrets: { tryMs: 2000, callMs: 6000, maxTries: 3 },
  // SDKs give up on credentials after a few seconds.
  credentials: { tryMs: 1500, callMs: 5000, maxTries: 3 },
}

/** Where calls to AWS go, and how long they may take. */
export interface ConnectionSettings {
  /** Absent: `AWS_REGION` or the profile, as the SDK finds it. */
  readonly region?: string
  /** Base address of something that speaks the AWS APIs; absent: AWS itself. */
  readonly endpoint?: string
  /** Tighter or wider bounds than `CALL_LIMITS`; a beat, for example, has 3 s in all. */
  readonly limits?: Readonly<Partial<Record<Port, CallLimits>>>
}

/** Where table, queues and files of one deployed service are: what API, scaler and worker use. */
export interface StoreSettings extends ConnectionSettings {
  readonly tableName: string
  readonly bucketName: string
  /** A service takes only the task types that have a queue here. */
  readonly queueUrls: Readonly<Partial<Record<QueueName, string>>>
}

/** Where the workers of one deployed service run: what API and scaler use. */
export interface FleetSettings extends ConnectionSettings {
  readonly clusterName: string
  readonly ecsServices: Readonly<Record<Side, string>>
  /**
   * With revision: the worker that the last deploy committed. The newest revision of the family may
   * be another one, of a deploy that is still under way or was rolled back.
   */
  readonly taskDefinitionArn: string
  /** Absent where AWS counts the machines (ECS Managed Instances, Fargate). */
  readonly machines?: MachineGroupSettings
}

/** A fleet whose machines the scaler counts itself. */
export interface MachineSettings extends FleetSettings {
  readonly machines: MachineGroupSettings
}

interface MachineGroupSettings {
  /** Names of Auto Scaling groups, the preferred one first. */
  readonly groups: readonly string[]
  /** An empty machine is kept this long. */
  readonly idleSeconds: number
}

export interface MetricsSettings extends ConnectionSettings {
  /** Name of the service: the dimension of every metric. */
  readonly serviceName: string
  readonly log: Log
}
