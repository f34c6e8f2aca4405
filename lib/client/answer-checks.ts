/** What this client and the command line read of each answer. */
import type { ArtifactManifest } from '../job/artifact-manifest.ts'
import type { AckAnswer, ArtifactsAnswer, CancelAnswer, Health, Job } from './answers.ts'
import type { JobPage, LogLine, LogPage, OutputAnswer, PutAnswer } from './answers.ts'
import type { ServiceView, UploadAnswer } from './answers.ts'
import { boolean, list, maybe, number, object, record, text } from './check.ts'

export const jobCheck = object<Job>({
  id: text,
  service: text,
  tenant: text,
  taskType: text,
  status: text,
  attempt: number,
  acceptedAt: text,
  waitSeconds: number,
  runSeconds: maybe(number),
  reason: maybe(text),
  message: maybe(text),
  exitCode: maybe(number),
  signal: maybe(text),
  statusCode: maybe(number),
  workerId: maybe(text),
  cancelRequestedAt: maybe(text),
  env: record(text),
  tags: record(text),
  limits: object<Job['limits']>({ graceSeconds: number }),
  progress: maybe(object<NonNullable<Job['progress']>>({ fraction: number, note: text })),
  logs: maybe(
    object<NonNullable<Job['logs']>>({
      stdoutBytes: number,
      stderrBytes: number,
      cutBytes: number,
    }),
  ),
  checkpoint: maybe(
    object<NonNullable<Job['checkpoint']>>({
      attempt: number,
      number,
      bytes: number,
      at: text,
    }),
  ),
  result: maybe(object<NonNullable<Job['result']>>({ bytes: number, contentType: text })),
  artifacts: maybe(object<NonNullable<Job['artifacts']>>({ files: number, bytes: number })),
  attempts: list(
    object<Job['attempts'][number]>({
      attempt: number,
      reason: maybe(text),
      resumedFrom: maybe(object({})),
    }),
  ),
  retryOf: maybe(text),
})

export const jobPageCheck = object<JobPage>({ jobs: list(jobCheck), next: maybe(text) })
export const cancelCheck = object<CancelAnswer>({ outcome: text, job: jobCheck })
export const putCheck = object<PutAnswer>({ jobId: text })
export const ackCheck = object<AckAnswer>({ acknowledged: number })
export const healthCheck = object<Health>({ status: text, service: text, version: text })
export const uploadCheck = object<UploadAnswer>({
  inputKey: text,
  uploadUrl: text,
  maxBytes: number,
})

export const logPageCheck = object<LogPage>({
  status: text,
  lines: list(object<LogLine>({ attempt: number, stream: text, at: text, text, cursor: text })),
  cursor: text,
  done: boolean,
})

type File = ArtifactsAnswer['files'][number]
const file = { path: text, bytes: number }

export const artifactsCheck = object<ArtifactsAnswer>({
  files: list(object<File>({ ...file, sha256: maybe(text), url: text })),
  truncated: boolean,
  manifestUrl: maybe(text),
})

/** An attempt's own list of files, which may be longer than the answer's. */
export const manifestCheck = object<ArtifactManifest>({
  files: list(object<ArtifactManifest['files'][number]>({ ...file, sha256: text })),
})

export const outputCheck = object<OutputAnswer>({
  messages: list(object<OutputAnswer['messages'][number]>({ receipt: text })),
})

type Worker = NonNullable<ServiceView['workers']>[number]
const slotsCheck = record(
  object<{ total: number; taken: number }>({ total: number, taken: number }),
)
const depth = object<NonNullable<ServiceView['queues']>[string]>({
  visible: number,
  inFlight: number,
  delayed: number,
})

type Fleet = NonNullable<ServiceView['fleet']>
type Decision = NonNullable<ServiceView['decisions']>[number]

const fleetCheck = object<Fleet>({
  sides: record(
    object<Fleet['sides']['a']>({
      version: maybe(text),
      desired: number,
      running: number,
      pending: number,
    }),
  ),
  tasks: list(
    object<Fleet['tasks'][number]>({ taskId: text, state: text, stoppedReason: maybe(text) }),
  ),
})

const decisionCheck = object<Decision>({
  atMs: number,
  lastSeenAtMs: number,
  wanted: number,
  reason: text,
  inputs: object<Decision['inputs']>({
    waiting: maybe(record(number)),
    oldestWaitingSeconds: maybe(number),
  }),
})

export const serviceCheck = object<ServiceView>({
  name: text,
  version: text,
  taskTypes: list(text),
  uptimeSeconds: number,
  waiting: maybe(number),
  queues: maybe(record(depth)),
  workers: maybe(
    list(
      object<Worker>({
        workerId: text,
        taskId: text,
        state: text,
        slots: slotsCheck,
        jobs: maybe(list(object<NonNullable<Worker['jobs']>[number]>({ jobId: text }))),
        startedAt: text,
        beatAt: text,
        drain: maybe(object<NonNullable<Worker['drain']>>({ reason: text })),
        note: maybe(text),
      }),
    ),
  ),
  fleet: maybe(fleetCheck),
  decisions: maybe(list(decisionCheck)),
  ignored: list(object<ServiceView['ignored'][number]>({ path: text, why: text })),
  notObserved: list(text),
})
