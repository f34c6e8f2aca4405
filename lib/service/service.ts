/**
 * A service as the rest of the code sees it: `service.json` parsed once, defaults filled in, units
 * in the names, frozen. Made by `parseServiceConfig`.
 */
import type { JobLimits, RetryPolicy, TaskType } from '../job/job.ts'
import type { ScalingPolicy } from '../scaling/scaling-policy.ts'

/** What a worker uses of a service. */
export interface WorkerService {
  readonly name: string
  /** `query` where the container has a port; `command` unless its image starts the server itself. */
  readonly taskTypes: readonly TaskType[]
  readonly container: Container
  readonly resources: Resources
  readonly slots: Slots
  readonly storage: readonly StorageMount[]
  readonly timing: WorkerTiming
}

export interface Service extends WorkerService {
  /** 12 hexadecimal digits: changes when, and only when, what a worker runs changes. */
  readonly version: string
  readonly type: 'ScalableJob' | 'ScalableJobService'
  /** `front_end`: the resident web front end of a ScalableJobService. */
  readonly frontEnd?: FrontEnd
  readonly cloud: Cloud
  readonly jobDefaults: Readonly<Record<TaskType, JobDefaults>>
  readonly intake: Intake
  readonly timing: Timing
  readonly scaling: ScalingPolicy
  /** `scalable_job.enable_write_log_to_queue`; by default on for training, off for inference. */
  readonly logToQueue: Readonly<Record<TaskType, boolean>>
  /** `token` of service.json, where given; otherwise one is made. Never logged. */
  readonly token?: string
  /** `dockerAuth`: base64 of `user:password` for a private registry. Never logged. */
  readonly registryAuth?: string
  readonly labels: Readonly<Record<string, string>>
  /** Folder of the service.json that it was read from: images such as `./` are built from there. */
  readonly folder?: string
  /** Keys that were understood but mean nothing here, and why. Reported, never silent. */
  readonly ignored: readonly IgnoredKey[]
}

export interface Container {
  readonly image: string
  /** Shell text that starts the model server (a service with a port). */
  readonly serverCommand?: string
  /** Shell text run once in each worker before its first job (a service without a port). */
  readonly initCommand?: string
  /**
   * Port of the model server. With a port and no `serverCommand` the image starts its server
   * itself.
   */
  readonly port?: number
  readonly env: Readonly<Record<string, string>>
  /** Longest time from starting the server to its open port, and for the init command. */
  readonly startSeconds: number
  /** Whom commands run as, on AWS; absent: the user of the image, as the worker does. */
  readonly jobUser?: JobUser
}

/** A user by its numbers; it needs no entry in the image. */
export interface JobUser {
  readonly uid: number
  readonly gid: number
}

export interface Resources {
  readonly cpu: number
  readonly memoryMib: number
  readonly gpu: number
  readonly sharedMemoryMib?: number
  readonly ephemeralStorageGib?: number
}

export interface FrontEnd {
  readonly image: string
  readonly port: number
  /** Shell text that starts it; absent: the image's own entry point. */
  readonly command?: string
  readonly env: Readonly<Record<string, string>>
  readonly cpu: number
  readonly memoryMib: number
  /** EC2 instance type; absent: Fargate. */
  readonly instanceType?: string
}

/** Which machines to use; the order is the order of preference. Empty: chosen by `Resources`. */
export interface Cloud {
  readonly instanceTypes: readonly InstanceChoice[]
  /** Machines of Alibaba Cloud that were named, which AWS does not have. */
  readonly alibabaTypes?: readonly string[]
}

export interface InstanceChoice {
  /** EC2 instance type, such as `g5.xlarge`. */
  readonly type: string
  readonly spot: boolean
}

export interface StorageMount {
  /** Absolute path in the worker and in the front end. */
  readonly mountPath: string
  readonly source: StorageSource
  readonly readOnly: boolean
}

type StorageSource =
  | { readonly kind: 's3' | 'oss'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'nfs'; readonly server: string; readonly path: string }

export interface Slots {
  /** Command jobs at a time in one worker; 1 unless set. */
  readonly command: number
  /** Query jobs at a time in one worker: `metadata.rpc.worker_threads`, 5 unless set. */
  readonly query: number
  /** Whether queries are taken while a command runs in the same worker. */
  readonly queriesBesideCommand: boolean
}

export interface JobDefaults {
  readonly limits: JobLimits
  readonly retry: RetryPolicy
  readonly checkpointSeconds: number
}

interface Intake {
  /** A payload up to this stands in the table; above it goes to the file store. 65,536. */
  readonly inlineBytes: number
  /** Largest body of a submit. Larger inputs go through POST /uploads. */
  readonly bodyBytes: number
  /** More waiting jobs than this are answered with 429. */
  readonly maxWaitingJobs: number
}

interface WorkerTiming {
  readonly beatSeconds: number
  readonly leaseSeconds: Readonly<Record<TaskType, number>>
  /** How long protection is asked for at a time; renewed at a third. */
  readonly protectionMinutes: number
  /** Protection is held this long after the last job. */
  readonly protectionHoldSeconds: number
  /** How long a stopping worker lets its jobs run before it releases them. */
  readonly stopSeconds: number
}

export interface Timing extends WorkerTiming {
  /** Period of the scaler's looks. */
  readonly lookSeconds: number
  /** Whether a submit asks the scaler to look at once. */
  readonly kickOnSubmit: boolean
}

export interface IgnoredKey {
  readonly path: string
  readonly why: string
}
