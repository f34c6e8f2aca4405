import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, describe, expect, test } from 'vitest'
import { StsJobCredentials } from '../../../lib/adapters/aws/sts/sts-job-credentials.ts'
import type { CredentialHolder } from '../../../lib/ports/job-credentials.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { hasEmulators, startEmulator } from './emulator.ts'
import { type Reply, type ScriptedServer, startScripted } from './scripted-server.ts'

const ROLE = 'arn:aws:iam::123456789012:role/job-role'
const JOB = { kind: 'job', jobId: '1234567890123456789', attempt: 2 } as const
const LIMITS = { credentials: { tryMs: 200, callMs: 400, maxTries: 1 } }
/** Far above the bounds of the calls. */
const SOON_MS = 5000

let server: ScriptedServer | undefined

afterEach(() => server?.stop())

function xml(body: string, status = 200): Reply {
  return { status, body, headers: { 'content-type': 'text/xml' } }
}

const GRANTED = xml(
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
  <AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
  <SessionToken>session</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>
  </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
)
const REFUSED = xml(
  '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
  403,
)

async function issueAt(reply: Reply, holder: CredentialHolder = JOB) {
  server = await startScripted(() => reply)
  const settings = { region: 'us-east-1', endpoint: server.endpoint, limits: LIMITS }
  const credentials = new StsJobCredentials(settings, ROLE)
  try {
    return await credentials.issue(holder)
  } finally {
    await credentials.close()
  }
}

function sentTo({ received }: ScriptedServer): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(received[0]?.body.toString()))
}

describe('credentials of the job role', () => {
  test('carry the id of the job as their only tag, and its name in every trail, for an hour', async () => {
    expect(await issueAt(GRANTED)).toEqual({
      accessKeyId: 'ASIA1',
      secretAccessKey: 'secret',
      sessionToken: 'session',
      expiresAtMs: Date.parse('2026-01-01T01:00:00Z'),
    })
    const { Action, Version, ...sent } = sentTo(server as ScriptedServer)
    expect([Action, Version]).toEqual(['AssumeRole', '2011-06-15'])
    expect(sent).toEqual({
      RoleArn: ROLE,
      RoleSessionName: `job-${JOB.jobId}-2`,
      DurationSeconds: '3600',
      'Tags.member.1.Key': 'jobId',
      'Tags.member.1.Value': JOB.jobId,
    })
  })

  test('carry no tag for the programs of the service', async () => {
    const workerId = `0123/${'x'.repeat(100)}`
    await issueAt(GRANTED, { kind: 'service', workerId })
    const sent = sentTo(server as ScriptedServer)
    expect(sent['RoleSessionName']).toMatch(/^worker-0123_x{52}$/)
    expect(Object.keys(sent).filter((name) => name.startsWith('Tags'))).toEqual([])
  })

  test.each<[string, Reply]>([
    ['hangs', 'hang'],
    ['stalls', 'stall'],
    ['drops the connection', 'drop'],
    ['refuses the role', REFUSED],
    ['is down', xml('<html>', 503)],
    ['answers without credentials', xml('<AssumeRoleResponse/>')],
  ])('are out of reach in time when STS %s', async (_how, reply) => {
    const startMs = performance.now()
    await expect(issueAt(reply)).rejects.toBeInstanceOf(PortUnavailable)
    expect(performance.now() - startMs).toBeLessThan(SOON_MS)
  })

  test.skipIf(!hasEmulators)(
    'are sessions of that role, another one with each call',
    async () => {
      const emulator = await startEmulator('ministack', { SERVICES: 'sts,iam' })
      const at = { region: 'us-east-1', endpoint: emulator.endpoint }
      const credentials = new StsJobCredentials(at, ROLE)
      try {
        const one = await credentials.issue(JOB)
        const other = await credentials.issue(JOB)
        expect(other.sessionToken).not.toBe(one.sessionToken)
        expect(one.expiresAtMs).toBeGreaterThan(Date.now() + 3_000_000)
        const client = new STSClient({ ...at, credentials: one })
        const { Arn } = await client.send(new GetCallerIdentityCommand())
        expect(Arn).toMatch(new RegExp(`assumed-role/job-role/job-${JOB.jobId}-2$`))
        client.destroy()
      } finally {
        await credentials.close()
        await emulator.stop()
      }
    },
    90_000,
  )
})
