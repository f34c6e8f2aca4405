import { randomUUID } from 'node:crypto'
import {
  ackCheck,
  cancelCheck,
  healthCheck,
  jobCheck,
  jobPageCheck,
  logPageCheck,
  outputCheck,
  putCheck,
  serviceCheck,
  uploadCheck,
} from './answer-checks.ts'
import { type ApiCall, callApi, type Connection } from './call-api.ts'
import type { Check } from './check.ts'
import type { Client, SubmitOptions, WaitOptions } from './client.ts'
import { downloadArtifact } from './download-artifact.ts'
import { type AddressOptions, findAddress } from './find-address.ts'
import { followLogs, readLines } from './follow-logs.ts'
import { getResult } from './get-result.ts'
import { getArtifacts, listArtifacts } from './list-artifacts.ts'
import { readJson } from './read-json.ts'
import { uploadInput } from './upload-input.ts'
import { waitForEnd } from './wait-for-end.ts'

export interface ConnectOptions extends AddressOptions {
  /** Longest wait for one answer, its body included, in milliseconds. 30,000. */
  readonly timeoutMs?: number | undefined
  /** Ends every call of this client, those under way too. */
  readonly signal?: AbortSignal | undefined
  /** Instead of Node's own `fetch`. */
  readonly fetch?: typeof fetch | undefined
}

type Sending = Omit<Partial<ApiCall>, 'method' | 'path' | 'repeatable'>

/**
 * A client of one service: the one that `url` names, else `SCALABLE_JOB_API_URL`, else the one that
 * runs on this machine in this folder. Nothing is sent before the first call.
 *
 * ```ts
 * const service = connect()
 * const job = await service.submit({ taskType: 'command', command: 'nvidia-smi' })
 * for await (const line of service.logs(job.id)) console.log(line.text)
 * ```
 *
 * @throws ApiError `no-service` when nothing names a service
 */
export function connect(options: ConnectOptions = {}): Client {
  const connection: Connection = { ...options, ...findAddress(options) }
  const get = <T>(check: Check<T>, path: string, sending: Sending = {}) =>
    send<T>(connection, check, { method: 'GET', path, repeatable: true, ...sending })
  const post = <T>(check: Check<T>, path: string, sending: Sending = {}) =>
    send<T>(connection, check, { method: 'POST', path, repeatable: true, ...sending })
  const client: Client = {
    url: connection.url,
    submit: (job, how) => post(jobCheck, '/jobs', { body: job, ...once(how) }),
    put: (service, { taskType, body, tags = {}, ...how }) => {
      const { headers } = once(how)
      return post(putCheck, `/api/predict/${encodeURIComponent(service)}`, {
        body: Buffer.from(body),
        query: { ...tags, taskType },
        headers: { 'content-type': 'application/octet-stream', ...headers },
      })
    },
    get: (id, { signal } = {}) => get(jobCheck, `/jobs/${id}`, { signal }),
    wait: (id, how) => waitForEnd(connection, { id, ...how }, () => client.get(id, how)),
    list: (filter = {}, { signal } = {}) =>
      get(jobPageCheck, '/jobs', { query: { ...filter }, signal }),
    cancel: (id) => post(cancelCheck, `/jobs/${id}/cancel`),
    retry: (id, how) => post(jobCheck, `/jobs/${id}/retry`, once(how)),
    logs: (id, how) => readLines(client, id, how),
    followLogs: (id, how) => followLogs(client, id, how),
    readLogs: (id, { cursor, ...how } = {}) =>
      get(logPageCheck, `/jobs/${id}/logs`, hold(how, { cursor })),
    result: (id, how = {}) => getResult(connection, { id, ...how }),
    artifacts: (id) => listArtifacts(connection, id),
    artifactsPage: (id) => getArtifacts(connection, id),
    download: (file, folder, { signal } = {}) =>
      downloadArtifact(connection, { file, folder, signal }),
    upload: async (bytes, how) => {
      const target = await client.createUpload(how)
      await uploadInput(connection, target, bytes)
      return target.inputKey
    },
    createUpload: ({ tenant } = {}) => post(uploadCheck, '/uploads', { query: { tenant } }),
    output: ({ max, visibilitySeconds, ...how } = {}) =>
      get(outputCheck, '/output', hold(how, { max, visibilitySeconds })),
    ack: (receipts) => post(ackCheck, '/output/ack', { body: { receipts } }),
    service: ({ signal } = {}) => get(serviceCheck, '/service', { signal }),
    health: ({ signal } = {}) => get(healthCheck, '/healthz', { signal }),
  }
  return client
}

async function send<T>(connection: Connection, check: Check<T>, call: ApiCall): Promise<T> {
  return readJson<T>(await callApi(connection, call), check)
}

/** A key of its own where none is given, so that the client's repeats make one job. */
function once({ idempotencyKey, signal }: SubmitOptions = {}) {
  return { headers: { 'idempotency-key': idempotencyKey ?? randomUUID() }, signal }
}

function hold({ waitSeconds, signal }: WaitOptions, query: ApiCall['query'] = {}) {
  return { query: { ...query, waitSeconds }, holdMs: (waitSeconds ?? 0) * 1000, signal }
}
