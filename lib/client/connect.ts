import { Client } from './client.ts'
import { type AddressOptions, findAddress } from './find-address.ts'

export interface ConnectOptions extends AddressOptions {
  /** Longest wait for one answer, its body included, in milliseconds. 30,000. */
  readonly timeoutMs?: number | undefined
  /** Ends every call of this client, those under way too. */
  readonly signal?: AbortSignal | undefined
  /** Instead of Node's own `fetch`. */
  readonly fetch?: typeof fetch | undefined
}

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
  return new Client({ ...options, ...findAddress(options) })
}
