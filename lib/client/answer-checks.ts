/** What this client and the command line read of each answer. */
import type { ArtifactManifest } from '../job/artifact-manifest.ts'
import type { AckAnswer, ArtifactFile, ArtifactsAnswer, CancelAnswer } from './answers.ts'
import type { Health, Job, JobPage, LogPage, OutputAnswer, PutAnswer } from './answers.ts'
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
  limits: object({ graceSeconds: number }),
  progress: maybe(object({ fraction: number, note: text })),
  logs: maybe(object({ stdoutBytes: number, stderrBytes: number, cutBytes: number })),
  checkpoint: maybe(object({ attempt: number, number, bytes: number, at: text })),
  result: maybe(object({ bytes: number, contentType: text })),
  artifacts: maybe(object({ files: number, bytes: number })),
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
  lines: list(object({ attempt: number, stream: text, at: text, text, cursor: text })),
  cursor: text,
  done: boolean,
})

const file = { path: text, bytes: number }

export const artifactsCheck = object<ArtifactsAnswer>({
  files: list(object<ArtifactFile>({ ...file, sha256: maybe(text), url: text })),
  truncated: boolean,
  manifestUrl: maybe(text),
})

/** An attempt's own list of files, which may be longer than the answer's. */
export const manifestCheck = object<ArtifactManifest>({
  files: list(object({ ...file, sha256: text })),
})

export const outputCheck = object<OutputAnswer>({ messages: list(object({ receipt: text })) })

type Part<K extends 'workers' | 'fleet' | 'decisions'> = NonNullable<ServiceView[K]>
type Decision = Part<'decisions'>[number]

const sideCheck = object<Part<'fleet'>['sides']['a']>({
  version: maybe(text),
  desired: number,
  running: number,
  pending: number,
})

const workerCheck = object<Part<'workers'>[number]>({
  workerId: text,
  taskId: text,
  state: text,
  slots: record(object({ total: number, taken: number })),
  jobs: maybe(list(object({ jobId: text }))),
  startedAt: text,
  beatAt: text,
  drain: maybe(object({ reason: text })),
  note: maybe(text),
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
  queues: maybe(record(object({ visible: number, inFlight: number, delayed: number }))),
  workers: maybe(list(workerCheck)),
  fleet: maybe(
    object({
      sides: record(sideCheck),
      tasks: list(
        object<Part<'fleet'>['tasks'][number]>({
          taskId: text,
          state: text,
          stoppedReason: maybe(text),
        }),
      ),
    }),
  ),
  decisions: maybe(list(decisionCheck)),
  ignored: list(object({ path: text, why: text })),
  notObserved: list(text),
})
