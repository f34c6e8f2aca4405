import { beforeEach, describe, expect, it } from 'vitest'
import type { SessionCredentials } from '../../../lib/ports/job-credentials.ts'
import { RenewedCredentials } from '../../../worker/credentials/renewed-credentials.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeJobCredentials } from '../support/fake-job-credentials.ts'

const MINUTE_MS = 60_000

describe('credentials that are renewed when somebody asks', () => {
  let clock: FakeClock
  let issuer: FakeJobCredentials
  let credentials: RenewedCredentials

  beforeEach(() => {
    clock = new FakeClock()
    issuer = new FakeJobCredentials(() => clock.now())
    const holder = { kind: 'job', jobId: '7', attempt: 1 } as const
    credentials = new RenewedCredentials(() => issuer.issue(holder), clock)
  })

  /** Asks, and lets the time pass that an asker is willing to wait. */
  const ask = async (): Promise<SessionCredentials> => {
    const asked = credentials.read()
    asked.catch(() => undefined)
    await clock.advance(600)
    return asked
  }

  it('cost nothing while nobody asks, and one call for all who ask at once', async () => {
    expect(issuer.issued).toEqual([])
    const all = await Promise.all([credentials.read(), credentials.read(), credentials.read()])
    expect(new Set(all).size).toBe(1)
    expect(issuer.issued).toHaveLength(1)
  })

  it('are the same for the first half of their hour, then new ones', async () => {
    const first = await credentials.read()
    await clock.advance(29 * MINUTE_MS)
    expect(await credentials.read()).toBe(first)
    await clock.advance(2 * MINUTE_MS)
    const second = await credentials.read()
    expect(second.sessionToken).toBe('session 2')
    expect(second.expiresAtMs - clock.now()).toBe(60 * MINUTE_MS)
  })

  it('stay good while the issuer is away, up to their last second', async () => {
    const first = await credentials.read()
    issuer.isAway = true
    for (const minutes of [40, 15, 4]) {
      await clock.advance(minutes * MINUTE_MS)
      expect(await ask()).toBe(first)
    }
    await clock.advance(2 * MINUTE_MS)
    await expect(ask()).rejects.toThrow('credentials did not answer to issue')
    issuer.isAway = false
    await clock.advance(MINUTE_MS)
    expect((await ask()).expiresAtMs).toBeGreaterThan(clock.now())
  })

  it('are given at once while they are valid and the issuer hangs; its answer counts later', async () => {
    const first = await credentials.read()
    await clock.advance(40 * MINUTE_MS)
    const gate = Promise.withResolvers<void>()
    issuer.gate = gate.promise
    expect(await ask()).toBe(first)
    expect(await ask()).toBe(first)
    expect(issuer.issued).toHaveLength(2)
    gate.resolve()
    await clock.advance(1)
    expect((await ask()).sessionToken).toBe('session 2')
  })

  it('are asked for once a second at most, however often a program asks', async () => {
    issuer.isAway = true
    for (let times = 0; times < 50; times += 1) {
      await expect(credentials.read()).rejects.toThrow('did not answer')
    }
    expect(issuer.issued).toHaveLength(1)
    await clock.advance(1100)
    await expect(credentials.read()).rejects.toThrow('did not answer')
    expect(issuer.issued).toHaveLength(2)
  })
})
