import { afterEach, expect, test } from 'vitest'
import { LambdaKick } from '../../../lib/adapters/aws/lambda-kick.ts'
import { SecretText } from '../../../lib/adapters/aws/secret-text.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { quietLog } from '../../worker/support/quiet-log.ts'
import { json, type Reply, type ScriptedServer, startScripted } from './scripted-server.ts'

const LIMITS = {
  kick: { tryMs: 200, callMs: 300, maxTries: 1 },
  secrets: { tryMs: 200, callMs: 300, maxTries: 1 },
}
/** Far above the bounds of the calls, far below the patience of a caller. */
const SOON_MS = 5000

let server: ScriptedServer | undefined

afterEach(() => server?.stop())

async function kickAt(reply: Reply): Promise<ScriptedServer> {
  server = await startScripted(() => reply)
  const settings = { region: 'us-east-1', endpoint: server.endpoint, limits: LIMITS }
  await new LambdaKick({ settings, functionName: 'scaler', log: quietLog }).kick()
  return server
}

test('a kick is an event that nobody waits for', async () => {
  const { received } = await kickAt({ status: 202, body: '' })
  expect(received).toHaveLength(1)
  expect(received[0]?.headers['x-amz-invocation-type']).toBe('Event')
})

test.each<[string, Reply]>([
  ['hangs', 'hang'],
  ['drops the connection', 'drop'],
  ['throttles', json({ message: 'Rate exceeded' }, 429)],
  ['does not know the function', json({ message: 'no such function' }, 404)],
])('a Lambda that %s costs a submit neither its answer nor much time', async (_how, reply) => {
  const startMs = performance.now()
  const { received } = await kickAt(reply)
  expect(performance.now() - startMs).toBeLessThan(SOON_MS)
  expect(received).toHaveLength(1)
})

async function readAt(reply: Reply): Promise<string> {
  server = await startScripted(() => reply)
  return new SecretText(
    { region: 'us-east-1', endpoint: server.endpoint, limits: LIMITS },
    'tokens',
  ).read()
}

test('a secret is read as it stands', async () => {
  expect(await readAt(json({ SecretString: '{"token":"x"}' }))).toBe('{"token":"x"}')
})

test.each<[string, Reply]>([
  ['hangs', 'hang'],
  ['is refused', json({ __type: 'AccessDeniedException', message: 'no' }, 400)],
  ['is binary', json({ SecretBinary: 'AAAA' })],
])('a secret that %s is out of reach, never empty', async (_how, reply) => {
  await expect(readAt(reply)).rejects.toThrow(PortUnavailable)
})
