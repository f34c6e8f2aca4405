import type { JobStatus, TaskType } from '../job/job.ts'
import type {
  AckAnswer,
  ArtifactFile,
  ArtifactsAnswer,
  CancelAnswer,
  Health,
  Job,
  JobPage,
  JobResult,
  LogLine,
  LogPage,
  NewJob,
  OutputAnswer,
  PutAnswer,
  ServiceView,
  UploadAnswer,
} from './answers.ts'
import type { ApiError } from './api-error.ts'

export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface WaitOptions extends CallOptions {
  /** How long the service may hold its answer, 0 to 20 seconds. 0: it answers at once. */
  readonly waitSeconds?: number | undefined
}

export interface SubmitOptions extends CallOptions {
  /** The same key and the same job make no second job. Without one a new key is made. */
  readonly idempotencyKey?: string | undefined
}

interface JobFilter {
  readonly status?: JobStatus | undefined
  readonly taskType?: TaskType | undefined
  /** `name:value` */
  readonly tag?: string | undefined
  /** Jobs on a page, 1 to 100. 25. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly cursor?: string | undefined
}

export interface LogOptions extends CallOptions {
  /** Where to begin: `cursor` of a line or a page. Default: at the first line. */
  readonly cursor?: string | undefined
}

interface Put {
  readonly taskType: TaskType
  readonly body: Uint8Array | string
  readonly tags?: Readonly<Record<string, string>>
  readonly idempotencyKey?: string
}

export type LogEvent =
  | { readonly kind: 'page'; readonly page: LogPage }
  /** The service cannot be reached; reading goes on by itself where it stopped. */
  | { readonly kind: 'interrupted'; readonly error: ApiError; readonly retryMs: number }

/**
 * One service, as `connect()` gives it. Each call ends within its time (30 s, or what `timeoutMs`
 * says, and the wait that it asks for) and throws `ApiError` where it does not succeed. Reads and
 * submits are tried up to four times while the service is briefly away or full.
 */
export interface Client {
  /** Address of the API. */
  readonly url: string
  /**
   * Submits one job.
   *
   * @throws ApiError `invalid-request`, `unknown-task-type`, `idempotency-conflict`,
   * `too-many-requests`
   */
  submit(job: NewJob, options?: SubmitOptions): Promise<Job>
  /** Submits as PAI-EAS does: the body as it is, tags and taskType in the query string. */
  put(service: string, put: Put): Promise<PutAnswer>
  /** @throws ApiError `not-found` */
  get(id: string, options?: CallOptions): Promise<Job>
  /**
   * Waits until the job has ended, however long that takes; `signal` stops the wait, never the
   * job. Goes on by itself while the service is away for up to about ten minutes.
   */
  wait(id: string, options?: CallOptions): Promise<Job>
  /** One page, newest first. */
  list(filter?: JobFilter, options?: CallOptions): Promise<JobPage>
  /**
   * Asks for the end of a job. `outcome` says what is true now: only `canceled` means that nothing
   * of it runs any more.
   */
  cancel(id: string): Promise<CancelAnswer>
  /** Submits an ended job again, as a new one. @throws ApiError `job-not-ended` */
  retry(id: string, options?: SubmitOptions): Promise<Job>
  /** Each line of the log, until the job has ended and everything is read. */
  logs(id: string, options?: LogOptions): AsyncGenerator<LogLine>
  /** The same by the page, which also says when the service is away. */
  followLogs(id: string, options?: LogOptions): AsyncGenerator<LogEvent>
  /** What there is of the log behind a cursor, perhaps nothing. */
  readLogs(id: string, options?: LogOptions & WaitOptions): Promise<LogPage>
  /** @throws ApiError `job-not-ended` when the job has not ended within `waitSeconds` */
  result(id: string, options?: WaitOptions): Promise<JobResult>
  /** All files that the job has kept, however many. @throws ApiError `job-not-ended` */
  artifacts(id: string): Promise<ArtifactFile[]>
  /** The answer of the API: of very many files only the first. @throws ApiError `job-not-ended` */
  artifactsPage(id: string): Promise<ArtifactsAnswer>
  /**
   * Writes one file below a folder, and checks its size and checksum. It appears under its name
   * only when it is whole.
   *
   * @returns its path
   * @throws ApiError `bad-download`
   */
  download(file: ArtifactFile, folder: string, options?: CallOptions): Promise<string>
  /** Uploads an input. @returns what goes into `inputKey` of `submit` */
  upload(bytes: Uint8Array, options?: { tenant?: string | undefined }): Promise<string>
  /** Asks for a place of an upload, to fill it without this client. */
  createUpload(options?: { tenant?: string | undefined }): Promise<UploadAnswer>
  /**
   * Takes up to `max` (1 to 10; 10) messages of the output queue. Each comes at least once, and
   * again after `visibilitySeconds` (60) unless it is acknowledged.
   */
  output(options?: OutputOptions): Promise<OutputAnswer>
  /** Acknowledges messages by their `receipt`, so that they do not come again. */
  ack(receipts: readonly string[]): Promise<AckAnswer>
  /** Queues, workers, fleet and the scaler's last decisions. */
  service(options?: CallOptions): Promise<ServiceView>
  /** Whether the API answers; needs no token. */
  health(options?: CallOptions): Promise<Health>
}

interface OutputOptions extends WaitOptions {
  readonly max?: number | undefined
  readonly visibilitySeconds?: number | undefined
}
