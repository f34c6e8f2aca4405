import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { makeAgentTaskProtection } from '../../../lib/adapters/aws/ecs/agent-task-protection.ts'
import type { TaskProtection } from '../../../lib/ports/task-protection.ts'

let server: Server | undefined

afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function serve(listener: RequestListener, timeoutMs = 5_000): Promise<TaskProtection> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return makeAgentTaskProtection({ agentUri: `http://127.0.0.1:${port}/api/secret`, timeoutMs })
}

function answering(status: number, body: unknown): Promise<TaskProtection> {
  return serve((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
}

const on = { ExpirationDate: '2026-01-01T13:00:00Z', ProtectionEnabled: true, TaskArn: 'arn' }

describe('task protection over the ECS agent endpoint', () => {
  test('sends what the agent takes, and nothing else', async () => {
    const seen: unknown[] = []
    const protection = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        seen.push([request.method, request.url, JSON.parse(body)])
        response.end(JSON.stringify({ protection: on }))
      })
    })
    await protection.protect(60)
    await protection.release()
    const url = '/api/secret/task-protection/v1/state'
    expect(seen).toEqual([
      ['PUT', url, { ProtectionEnabled: true, ExpiresInMinutes: 60 }],
      ['PUT', url, { ProtectionEnabled: false }],
    ])
  })

  test('is granted only when the answer says so', async () => {
    const protection = await answering(200, { protection: on })
    const untilMs = Date.parse('2026-01-01T13:00:00Z')
    expect(await protection.protect(60)).toEqual({ kind: 'granted', untilMs })
    expect(await protection.release()).toMatchObject({ kind: 'refused' })
  })

  test('reads a refusal that comes with status 200', async () => {
    const failure = { Arn: 'arn', Detail: null, Reason: 'DEPLOYMENT_BLOCKED' }
    const protection = await answering(200, { failure })
    expect(await protection.protect(60)).toEqual({ kind: 'refused', reason: 'DEPLOYMENT_BLOCKED' })
  })

  test.each([
    [
      'a fault of the agent',
      403,
      { error: { Arn: 'arn', Code: 'AccessDeniedException', Message: 'no task role' } },
      'status 403: AccessDeniedException: no task role',
    ],
    ['a fault without a body', 504, '', 'status 504'],
    ['an answer that is not JSON', 200, '<html>', 'not the answer of an ECS agent'],
    ['an answer of another shape', 200, { protection: 'on' }, 'not the answer of an ECS agent'],
    ['an empty answer', 200, {}, 'neither protection nor failure'],
    [
      'an answer without an end',
      200,
      { protection: { ...on, ExpirationDate: null } },
      'does not say until when',
    ],
  ])('cannot tell from %s', async (_what, status, body, reason) => {
    const protection = await answering(status, body)
    expect(await protection.protect(60)).toEqual({
      kind: 'unreachable',
      reason: expect.stringContaining(reason) as string,
    })
  })

  test('gives up on an agent that does not answer, or never ends its answer', async () => {
    const silent = await serve(() => {}, 100)
    expect(await silent.protect(60)).toMatchObject({ kind: 'unreachable' })
    server?.closeAllConnections()
    server?.close()
    const endless = await serve((_request, response) => void response.write('{"protection":'), 100)
    expect(await endless.protect(60)).toMatchObject({ kind: 'unreachable' })
  })

  test('says why nobody could be reached', async () => {
    const protection = makeAgentTaskProtection({ agentUri: 'http://127.0.0.1:1' })
    expect(await protection.protect(60)).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(/fetch failed: .+/) as string,
    })
    const nowhere = makeAgentTaskProtection({ agentUri: 'not a url' })
    expect(await nowhere.release()).toMatchObject({ kind: 'unreachable' })
  })
})
