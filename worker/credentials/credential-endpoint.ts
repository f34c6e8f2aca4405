import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { JOB_ENV } from '../../lib/registry/env.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type {
  CredentialHolder,
  JobCredentials,
  SessionCredentials,
} from '../../lib/ports/job-credentials.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { CredentialSource, CredentialGrant } from './credential-source.ts'
import { RenewedCredentials } from './renewed-credentials.ts'

export interface CredentialEndpointOptions {
  readonly credentials: JobCredentials
  readonly clock: Clock
  readonly log: Log
}

interface Session {
  readonly tokenHash: Buffer
  readonly credentials: RenewedCredentials
  readonly log: Log
}

const HOST = '127.0.0.1'
const TOKEN_BYTES = 32
const REQUEST_MS = 5000
const MAX_CONNECTIONS = 256
const MAX_HEADER_BYTES = 8192

/**
 * Gives each program of a worker its own credentials over HTTP on 127.0.0.1, as a container's
 * credential provider does: every AWS SDK asks there by itself. A path and a secret token belong to
 * one holder and are worth nothing after its end.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
 */
export class CredentialEndpoint implements CredentialSource {
  readonly #options: CredentialEndpointOptions
  readonly #server: Server
  readonly #sessions = new Map<string, Session>()
  #listening: Promise<string> | undefined
  #opened = 0

  constructor(options: CredentialEndpointOptions) {
    this.#options = options
    this.#server = createServer(
      {
        requestTimeout: REQUEST_MS,
        headersTimeout: REQUEST_MS,
        keepAliveTimeout: REQUEST_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxConnections = MAX_CONNECTIONS
    // Where connections cannot be accepted (too many files are open, say) jobs run without credentials.
    this.#server.on('error', (error) => {
      options.log.warn('the endpoint of credentials failed', { error: String(error) })
    })
  }

  async open(holder: CredentialHolder): Promise<CredentialGrant> {
    const log = this.#options.log.with(
      holder.kind === 'job' ? { jobId: holder.jobId, attempt: holder.attempt } : {},
    )
    try {
      const base = await this.#listen()
      return this.#openAt(base, { holder, log })
    } catch (error) {
      log.warn('no credentials for this program: nothing listens', { error: String(error) })
      return { env: {}, close: () => undefined }
    }
  }

  async close(): Promise<void> {
    this.#sessions.clear()
    if (this.#listening !== undefined) {
      await this.#listening.catch(() => undefined)
      this.#server.closeAllConnections()
      this.#server.close()
    }
    await this.#options.credentials.close()
  }

  #openAt(base: string, { holder, log }: { holder: CredentialHolder; log: Log }): CredentialGrant {
    const { credentials, clock } = this.#options
    this.#opened += 1
    const path = `/credentials/${this.#opened}`
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    this.#sessions.set(path, {
      tokenHash: hash(token),
      credentials: new RenewedCredentials(() => credentials.issue(holder), clock),
      log,
    })
    const env = {
      [JOB_ENV.credentialsUri.name]: `${base}${path}`,
      [JOB_ENV.credentialsToken.name]: token,
    }
    return { env, close: () => this.#sessions.delete(path) }
  }

  /** At the first need; after a failure the next one tries again. */
  #listen(): Promise<string> {
    this.#listening ??= this.#start().catch((error: unknown) => {
      this.#listening = undefined
      throw error
    })
    return this.#listening
  }

  async #start(): Promise<string> {
    this.#server.listen(0, HOST)
    await once(this.#server, 'listening')
    // It must not keep the process of a worker that has ended alive.
    this.#server.unref()
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume()
    const session = this.#sessions.get(request.url ?? '')
    const token = request.headers.authorization
    // Always compares, so that the time of an answer does not tell whether the path exists.
    const isRight = timingSafeEqual(hash(token ?? ''), session?.tokenHash ?? hash(''))
    if (request.method !== 'GET') return refuse(response, NOT_A_GET)
    if (token === undefined) return refuse(response, NO_TOKEN)
    if (session === undefined || !isRight) return refuse(response, WRONG_TOKEN)
    try {
      send(response, 200, toBody(await session.credentials.read()))
    } catch (error) {
      session.log.warn('no credentials for a program that asked', { error: describe(error) })
      refuse(response, UNAVAILABLE)
    }
  }
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const NOT_A_GET: Refusal = {
  status: 405,
  code: 'MethodNotAllowed',
  message: 'Credentials are read with GET.',
}
const NO_TOKEN: Refusal = {
  status: 401,
  code: 'MissingToken',
  message: `The header Authorization is missing: it is the value of ${JOB_ENV.credentialsToken.name}.`,
}
const WRONG_TOKEN: Refusal = {
  status: 403,
  code: 'AccessDenied',
  message: 'No job that runs here has this address and token.',
}
const UNAVAILABLE: Refusal = {
  status: 503,
  code: 'CredentialsUnavailable',
  message: 'AWS gave no credentials for this job. Ask again in a second; the worker logs why.',
}

/** The SDKs show `code` and `message` to whoever runs them. */
function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  send(response, status, { code, message })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

/** Whole seconds: some SDKs read no fraction. */
function toBody({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs }: SessionCredentials) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** What is away, and why. */
function describe(error: unknown): string {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return String(error)
  return `${String(error)}: ${String(error.cause)}`
}
