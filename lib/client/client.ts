import { randomUUID } from 'node:crypto'
import type { JobStatus, TaskType } from '../job/job.ts'
import * as checks from './answer-checks.ts'
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
import {
  type ApiCall,
  callApi,
  type CallOptions,
  type Connection,
  type WaitOptions,
} from './call-api.ts'
import type { Check } from './check.ts'
import { downloadArtifact } from './download-artifact.ts'
import { followLogs, type LogEvent, type LogOptions, readLines } from './follow-logs.ts'
import { getResult, waitForEnd } from './get-result.ts'
import { getArtifacts, listArtifacts } from './list-artifacts.ts'
import { readJson } from './read-json.ts'
import { uploadInput } from './upload-input.ts'

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

interface Put {
  readonly taskType: TaskType
  readonly body: Uint8Array | string
  readonly tags?: Readonly<Record<string, string>>
  readonly idempotencyKey?: string
}

interface OutputOptions extends WaitOptions {
  readonly max?: number | undefined
  readonly visibilitySeconds?: number | undefined
}

type Sending = Omit<Partial<ApiCall>, 'method' | 'path' | 'repeatable'>

/**
 * One service, as `connect()` gives it. Each call ends within its time (30 s, or what `timeoutMs`
 * says, and the wait that it asks for) and throws `ApiError` where it does not succeed. Reads and
 * submits are tried up to four times while the service is briefly away or full.
 */
export class Client {
  /** Address of the API. */
  readonly url: string
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.url = connection.url
    this.#connection = connection
  }

  /**
   * Submits one job.
   *
   * @throws ApiError `invalid-request`, `unknown-task-type`, `idempotency-conflict`,
   * `too-many-requests`
   */
  submit(job: NewJob, options?: SubmitOptions): Promise<Job> {
    return this.#post('/jobs', checks.jobCheck, { body: job, ...once(options) })
  }

  /** Submits as PAI-EAS does: the body as it is, tags and taskType in the query string. */
  put(service: string, { taskType, body, tags = {}, ...options }: Put): Promise<PutAnswer> {
    const { headers } = once(options)
    return this.#post(`/api/predict/${encodeURIComponent(service)}`, checks.putCheck, {
      body: Buffer.from(body),
      query: { ...tags, taskType },
      headers: { 'content-type': 'application/octet-stream', ...headers },
    })
  }

  /** @throws ApiError `not-found` */
  get(id: string, { signal }: CallOptions = {}): Promise<Job> {
    return this.#get(`/jobs/${id}`, checks.jobCheck, { signal })
  }

  /**
   * Waits until the job has ended, however long that takes; `signal` stops the wait, never the
   * job. Goes on by itself while the service is away for up to about ten minutes.
   */
  wait(id: string, options?: CallOptions): Promise<Job> {
    return waitForEnd(this.#connection, { id, ...options }, () => this.get(id, options))
  }

  /** One page, newest first. */
  list(filter: JobFilter = {}, { signal }: CallOptions = {}): Promise<JobPage> {
    return this.#get('/jobs', checks.jobPageCheck, { query: { ...filter }, signal })
  }

  /**
   * Asks for the end of a job. `outcome` says what is true now: only `canceled` means that nothing
   * of it runs any more.
   */
  cancel(id: string): Promise<CancelAnswer> {
    return this.#post(`/jobs/${id}/cancel`, checks.cancelCheck)
  }

  /** Submits an ended job again, as a new one. @throws ApiError `job-not-ended` */
  retry(id: string, options?: SubmitOptions): Promise<Job> {
    return this.#post(`/jobs/${id}/retry`, checks.jobCheck, once(options))
  }

  /** Each line of the log, until the job has ended and everything is read. */
  logs(id: string, options?: LogOptions): AsyncGenerator<LogLine> {
    return readLines(this, id, options)
  }

  /** The same by the page, which also says when the service is away. */
  followLogs(id: string, options?: LogOptions): AsyncGenerator<LogEvent> {
    return followLogs(this, id, options)
  }

  /** What there is of the log behind a cursor, perhaps nothing. */
  readLogs(id: string, { cursor, ...wait }: LogOptions & WaitOptions = {}): Promise<LogPage> {
    return this.#get(`/jobs/${id}/logs`, checks.logPageCheck, hold(wait, { cursor }))
  }

  /** @throws ApiError `job-not-ended` when the job has not ended within `waitSeconds` */
  result(id: string, options?: WaitOptions): Promise<JobResult> {
    return getResult(this.#connection, { id, ...options })
  }

  /** All files that the job has kept, however many. @throws ApiError `job-not-ended` */
  artifacts(id: string): Promise<ArtifactFile[]> {
    return listArtifacts(this.#connection, id)
  }

  /** The answer of the API: of very many files only the first. @throws ApiError `job-not-ended` */
  artifactsPage(id: string): Promise<ArtifactsAnswer> {
    return getArtifacts(this.#connection, id)
  }

  /**
   * Writes one file below a folder, and checks its size and checksum. It appears under its name
   * only when it is whole.
   *
   * @returns its path
   * @throws ApiError `bad-download`
   */
  download(file: ArtifactFile, folder: string, { signal }: CallOptions = {}): Promise<string> {
    return downloadArtifact(this.#connection, { file, folder, signal })
  }

  /** Uploads an input. @returns what goes into `inputKey` of `submit` */
  async upload(bytes: Uint8Array, options?: { tenant?: string | undefined }): Promise<string> {
    const target = await this.createUpload(options)
    await uploadInput(this.#connection, target, bytes)
    return target.inputKey
  }

  /** Asks for a place of an upload, to fill it without this client. */
  createUpload({ tenant }: { tenant?: string | undefined } = {}): Promise<UploadAnswer> {
    return this.#post('/uploads', checks.uploadCheck, { query: { tenant } })
  }

  /**
   * Takes up to `max` (1 to 10; 10) messages of the output queue. Each comes at least once, and
   * again after `visibilitySeconds` (60) unless it is acknowledged.
   */
  output({ max, visibilitySeconds, ...wait }: OutputOptions = {}): Promise<OutputAnswer> {
    return this.#get('/output', checks.outputCheck, hold(wait, { max, visibilitySeconds }))
  }

  /** Acknowledges messages by their `receipt`, so that they do not come again. */
  ack(receipts: readonly string[]): Promise<AckAnswer> {
    return this.#post('/output/ack', checks.ackCheck, { body: { receipts } })
  }

  /** Queues, workers, fleet and the scaler's last decisions. */
  service({ signal }: CallOptions = {}): Promise<ServiceView> {
    return this.#get('/service', checks.serviceCheck, { signal })
  }

  /** Whether the API answers; needs no token. */
  health({ signal }: CallOptions = {}): Promise<Health> {
    return this.#get('/healthz', checks.healthCheck, { signal })
  }

  #get<T>(path: string, check: Check<T>, sending: Sending): Promise<T> {
    return this.#send(check, { method: 'GET', path, repeatable: true, ...sending })
  }

  #post<T>(path: string, check: Check<T>, sending?: Sending): Promise<T> {
    return this.#send(check, { method: 'POST', path, repeatable: true, ...sending })
  }

  async #send<T>(check: Check<T>, call: ApiCall): Promise<T> {
    return readJson(await callApi(this.#connection, call), check)
  }
}

/** A key of its own where none is given, so that the client's repeats make one job. */
function once({ idempotencyKey, signal }: SubmitOptions = {}) {
  return { headers: { 'idempotency-key': idempotencyKey ?? randomUUID() }, signal }
}

function hold({ waitSeconds, signal }: WaitOptions, query: ApiCall['query']) {
  return { query: { ...query, waitSeconds }, holdMs: (waitSeconds ?? 0) * 1000, signal }
}
