import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ENV } from '../registry/env.ts'
import { type CliIo, UsageError } from './command.ts'
import type { Options } from './read-options.ts'

export interface ServiceAddress {
  readonly baseUrl: string
  readonly token: string | undefined
  /** Where the address was found, for messages. */
  readonly from: string
}

const addressSchema = z.object({ url: z.string(), token: z.string().optional() })

/**
 * Which service is meant: `--url` and `--token`, then `SCALABLE_JOB_API_URL` and
 * `SCALABLE_JOB_TOKEN`, then `address.json` in the state folder of a service that runs in this
 * folder. The token of `address.json` goes to the address beside it and to no other.
 *
 * @throws UsageError when nothing names a service
 */
export async function findService(options: Options, io: CliIo): Promise<ServiceAddress> {
  const tokenGiven = options.text('token') ?? given(io, ENV.token.name)
  const flagUrl = options.text('url')
  if (flagUrl !== undefined) return { baseUrl: flagUrl, token: tokenGiven, from: '--url' }
  const envUrl = given(io, ENV.apiUrl.name)
  if (envUrl !== undefined) return { baseUrl: envUrl, token: tokenGiven, from: ENV.apiUrl.name }
  const stateDir = resolve(io.cwd, given(io, ENV.stateDir.name) ?? ENV.stateDir.default)
  const file = resolve(stateDir, 'address.json')
  const found = await readAddress(file)
  if (found === undefined) throw nothingFound(stateDir)
  return { baseUrl: found.url, token: options.text('token') ?? found.token, from: file }
}

function given(io: CliIo, name: string): string | undefined {
  const value = io.env[name]
  return value === '' ? undefined : value
}

async function readAddress(file: string) {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return addressSchema.parse(JSON.parse(text))
  } catch {
    throw new UsageError(`${file} is not the address of a service`, 'start the service again')
  }
}

function nothingFound(stateDir: string): UsageError {
  return new UsageError(
    `no service is named, and none runs in ${stateDir}`,
    `start one here (scalable-job start), or give --url and --token (${ENV.apiUrl.name}, ${ENV.token.name})`,
  )
}
