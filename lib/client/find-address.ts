import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ENV } from '../registry/env.ts'
import { ApiError } from './api-error.ts'

export interface AddressOptions {
  /** Address of the API: `https://host` or `http://host:port`, also with a path. */
  readonly url?: string | undefined
  /** Token for the API. */
  readonly token?: string | undefined
  /** Where a service on this machine keeps its state. `SCALABLE_JOB_STATE_DIR`, or `.scalable-job`. */
  readonly stateDir?: string | undefined
  /** Environment to look into. `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Folder against which the state folder is resolved. The current one. */
  readonly cwd?: string | undefined
}

export interface Address {
  readonly url: string
  readonly token: string | undefined
}

/**
 * Which service is meant: what the options say, then `SCALABLE_JOB_API_URL` and
 * `SCALABLE_JOB_TOKEN`, then `address.json` in the state folder of a service that runs on this
 * machine. The token of `address.json` goes to the address beside it and to no other.
 *
 * @throws ApiError `no-service` when nothing names a service
 */
export function findAddress(options: AddressOptions): Address {
  const { env = process.env, cwd = process.cwd() } = options
  const given = (name: string) => (env[name] === '' ? undefined : env[name])
  const url = options.url ?? given(ENV.apiUrl.name)
  if (url !== undefined) return { url, token: options.token ?? given(ENV.token.name) }
  const folder = options.stateDir ?? given(ENV.stateDir.name) ?? ENV.stateDir.default
  const stateDir = resolve(cwd, folder)
  const found = readAddress(resolve(stateDir, 'address.json'))
  if (found === undefined) {
    throw new ApiError('no-service', `no service is named, and none runs in ${stateDir}`)
  }
  return { url: found.url, token: options.token ?? found.token }
}

function readAddress(file: string): Address | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const { url, token } = parseObject(text)
  const isToken = token === undefined || typeof token === 'string'
  if (typeof url === 'string' && isToken) return { url, token }
  const fix = 'start the service again; it writes this file'
  throw new ApiError('no-service', `${file} is not the address of a service`, { fix })
}

function parseObject(text: string): Partial<Record<'url' | 'token', unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
