import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CredentialEndpoint } from '../../../worker/credentials/credential-endpoint.ts'
import type { CredentialGrant } from '../../../worker/credentials/credential-source.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { FakeJobCredentials } from '../support/fake-job-credentials.ts'
import { quietLog } from '../support/quiet-log.ts'

const aJob = (jobId: string) => ({ kind: 'job', jobId, attempt: 1 }) as const

function addressOf({ env }: CredentialGrant): { uri: string; token: string } {
  return {
    uri: env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '',
    token: env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '',
  }
}

async function ask(uri: string, token?: string, method = 'GET') {
  const headers = token === undefined ? {} : { authorization: token }
  const response = await fetch(uri, { method, headers })
  const body = (await response.json()) as Record<string, string>
  return { status: response.status, body, headers: response.headers }
}

describe('the credentials of jobs over HTTP', () => {
  let issuer: FakeJobCredentials
  let endpoint: CredentialEndpoint

  beforeEach(() => {
    issuer = new FakeJobCredentials()
    endpoint = new CredentialEndpoint({ credentials: issuer, clock: systemClock, log: quietLog })
  })
  afterEach(() => endpoint.close())

  it('have the shape that every SDK reads', async () => {
    const { uri, token } = addressOf(await endpoint.open(aJob('1')))
    const { status, body, headers } = await ask(uri, token)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      AccessKeyId: 'job-1-1',
      SecretAccessKey: 'secret of job-1-1',
      Token: 'session 1',
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    })
  })

  it('are those of the job that asks, for two jobs at once', async () => {
    const one = addressOf(await endpoint.open(aJob('1')))
    const other = addressOf(await endpoint.open(aJob('2')))
    expect((await ask(one.uri, one.token)).body['AccessKeyId']).toBe('job-1-1')
    expect((await ask(other.uri, other.token)).body['AccessKeyId']).toBe('job-2-1')
    expect((await ask(other.uri, one.token)).status).toBe(403)
    expect((await ask(one.uri, other.token)).status).toBe(403)
  })

  it('are given for the right token only, and nobody is told which address is one', async () => {
    const { uri, token } = addressOf(await endpoint.open(aJob('1')))
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(await ask(uri)).toMatchObject({ status: 401, body: { code: 'MissingToken' } })
    const wrong = await ask(uri, `${token}x`)
    expect(wrong).toMatchObject({ status: 403, body: { code: 'AccessDenied' } })
    const absent = await ask(uri.replace(/\d+$/, '999'), token)
    expect(absent.body).toEqual(wrong.body)
    expect((await ask(uri, token, 'POST')).status).toBe(405)
    expect(issuer.issued).toEqual([])
  })

  it('are gone once the job has ended, and a later job has another address and token', async () => {
    const held = await endpoint.open(aJob('1'))
    const { uri, token } = addressOf(held)
    held.close()
    expect((await ask(uri, token)).status).toBe(403)
    const next = addressOf(await endpoint.open(aJob('2')))
    expect(next.uri).not.toBe(uri)
    expect(next.token).not.toBe(token)
  })

  it('say in JSON that there are none now, without what AWS said', async () => {
    issuer.isAway = true
    const { uri, token } = addressOf(await endpoint.open(aJob('1')))
    const { status, body } = await ask(uri, token)
    expect(status).toBe(503)
    expect(body).toEqual({
      code: 'CredentialsUnavailable',
      message: expect.stringContaining('Ask again') as string,
    })
  })

  it('are served on the loopback address, to be had by nobody else', async () => {
    const { uri } = addressOf(await endpoint.open(aJob('1')))
    expect(new URL(uri).hostname).toBe('127.0.0.1')
  })

  it('survive what is no HTTP, and a head that is too large', async () => {
    const { uri, token } = addressOf(await endpoint.open(aJob('1')))
    for (const bytes of ['\0\0\0\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`]) {
      const socket = connect(Number(new URL(uri).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.resume()
      socket.end(bytes)
      await new Promise((resolve) => socket.once('close', resolve))
    }
    expect((await ask(uri, token)).status).toBe(200)
  })

  it('end with the worker', async () => {
    const { uri, token } = addressOf(await endpoint.open(aJob('1')))
    await endpoint.close()
    await expect(ask(uri, token)).rejects.toThrow('fetch failed')
    expect(issuer.isClosed).toBe(true)
  })
})
