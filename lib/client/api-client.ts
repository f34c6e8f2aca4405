import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import {
  ackAnswerSchema,
  cancelAnswerSchema,
  healthSchema,
  jobPageSchema,
  logPageSchema,
  outputAnswerSchema,
  type PutAnswer,
  putAnswerSchema,
  uploadAnswerSchema,
} from '../api/contract/answers.ts'
import { type JobView, jobViewSchema } from '../api/contract/job-view-schema.ts'
import { type ServiceView, serviceViewSchema } from '../api/contract/service-view.ts'
import type { JobStatus, TaskType } from '../job/job.ts'
import type {
  AckAnswer,
  ArtifactFile,
  ArtifactsAnswer,
  CancelAnswer,
  Health,
  JobPage,
  LogPage,
  NewJob,
  OutputAnswer,
  UploadAnswer,
} from './api-answers.ts'
import { type ApiCall, callApi, type Connection } from './call-api.ts'
import { downloadArtifact } from './download-artifact.ts'
import { followLogs, type LogEvent } from './follow-logs.ts'
import { getResult, type JobResult } from './get-result.ts'
import { getArtifacts, listArtifacts } from './list-artifacts.ts'
import { readJson } from './read-json.ts'
import { uploadInput } from './upload-input.ts'

interface JobFilter {
  readonly status?: JobStatus | undefined
  readonly taskType?: TaskType | undefined
  /** `name:value` */
  readonly tag?: string | undefined
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly cursor?: string | undefined
}

interface Waiting {
  /** Up to 20; 0 asks once. */
  readonly waitSeconds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ApiClient {
  readonly baseUrl: string
  /** Makes an Idempotency-Key where none is given, so that its own retries make one job. */
  submitJob(job: NewJob, options?: { idempotencyKey?: string }): Promise<JobView>
  /** PAI-EAS's way to put a job: the body as it is, tags and taskType in the query string. */
  predict(service: string, put: Predict): Promise<PutAnswer>
  getJob(id: string, options?: { signal?: AbortSignal | undefined }): Promise<JobView>
  listJobs(filter?: JobFilter): Promise<JobPage>
  cancelJob(id: string): Promise<CancelAnswer>
  retryJob(id: string, options?: { idempotencyKey?: string }): Promise<JobView>
  readLogs(id: string, options?: Waiting & { cursor?: string | undefined }): Promise<LogPage>
  /** Pages until the job has ended and all is read; goes on by itself after a broken connection. */
  followLogs(id: string, options?: FollowOptions): AsyncGenerator<LogEvent>
  /** @throws ApiError `job-not-ended` */
  getResult(id: string, options?: Waiting): Promise<JobResult>
  /** @throws ApiError `job-not-ended` */
  getArtifacts(id: string): Promise<ArtifactsAnswer>
  /** All files, also where one answer holds too few links. @throws ApiError `job-not-ended` */
  listArtifacts(id: string): Promise<ArtifactFile[]>
  /** @returns the path of the file, which is there only once it is whole and checked */
  downloadArtifact(file: ArtifactFile, folder: string, signal?: AbortSignal): Promise<string>
  createUpload(options?: { tenant?: string | undefined }): Promise<UploadAnswer>
  /** Puts an input where `createUpload` said. */
  upload(target: UploadAnswer, bytes: Uint8Array): Promise<void>
  receiveOutput(options?: Waiting & { max?: number | undefined }): Promise<OutputAnswer>
  ackOutput(receipts: readonly string[]): Promise<AckAnswer>
  getService(): Promise<ServiceView>
  health(): Promise<Health>
}

interface Predict {
  readonly taskType: TaskType
  readonly body: Uint8Array | string
  readonly tags?: Readonly<Record<string, string>>
  readonly idempotencyKey?: string
}

interface FollowOptions {
  readonly cursor?: string | undefined
  readonly signal?: AbortSignal | undefined
}

type CallOptions = Omit<Partial<ApiCall>, 'method' | 'path' | 'repeatable'>

/** A client of one service. Every call ends within its bound and throws `ApiError` otherwise. */
export function makeApiClient(connection: Connection): ApiClient {
  const get = async <T extends z.ZodType>(schema: T, path: string, options: CallOptions = {}) => {
    const call = { method: 'GET', path, repeatable: true, ...options } as const
    return readJson(await callApi(connection, call), schema)
  }
  const post = async <T extends z.ZodType>(schema: T, path: string, options: CallOptions = {}) => {
    const call = { method: 'POST', path, repeatable: true, ...options } as const
    return readJson(await callApi(connection, call), schema)
  }
  const client: ApiClient = {
    baseUrl: connection.baseUrl,
    submitJob: (job, options) =>
      post(jobViewSchema, '/jobs', { body: job, headers: idempotency(options) }),
    predict: (service, { taskType, body, tags = {}, ...options }) =>
      post(putAnswerSchema, `/api/predict/${encodeURIComponent(service)}`, {
        body: Buffer.from(body),
        query: { ...tags, taskType },
        headers: { 'content-type': 'application/octet-stream', ...idempotency(options) },
      }),
    getJob: (id, { signal } = {}) => get(jobViewSchema, `/jobs/${id}`, { signal }),
    listJobs: (filter = {}) => get(jobPageSchema, '/jobs', { query: { ...filter } }),
    cancelJob: (id) => post(cancelAnswerSchema, `/jobs/${id}/cancel`),
    retryJob: (id, options) =>
      post(jobViewSchema, `/jobs/${id}/retry`, { headers: idempotency(options) }),
    readLogs: (id, { cursor, ...waiting } = {}) =>
      get(logPageSchema, `/jobs/${id}/logs`, hold(waiting, { cursor })),
    followLogs: (id, options) => followLogs(client, id, options),
    getResult: (id, waiting = {}) => getResult(connection, { id, ...waiting }),
    getArtifacts: (id) => getArtifacts(connection, id),
    listArtifacts: (id) => listArtifacts(connection, id),
    downloadArtifact: (file, folder, signal) =>
      downloadArtifact(connection, { file, folder, signal }),
    createUpload: ({ tenant } = {}) => post(uploadAnswerSchema, '/uploads', { query: { tenant } }),
    upload: (target, bytes) => uploadInput(connection, target, bytes),
    receiveOutput: ({ max, ...waiting } = {}) =>
      get(outputAnswerSchema, '/output', hold(waiting, { max })),
    ackOutput: (receipts) => post(ackAnswerSchema, '/output/ack', { body: { receipts } }),
    getService: () => get(serviceViewSchema, '/service'),
    health: () => get(healthSchema, '/healthz'),
  }
  return client
}

function idempotency(options: { idempotencyKey?: string } = {}): Record<string, string> {
  return { 'idempotency-key': options.idempotencyKey ?? randomUUID() }
}

function hold({ waitSeconds, signal }: Waiting, query: ApiCall['query'] = {}) {
  return { query: { ...query, waitSeconds }, holdMs: (waitSeconds ?? 0) * 1000, signal }
}
