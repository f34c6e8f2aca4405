import { beforeEach, describe, expect, test } from 'vitest'
import { authorize } from '../../../lib/api/auth/authorize.ts'
import { TokenSource } from '../../../lib/api/auth/token-source.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { quietLog } from '../../worker/support/quiet-log.ts'

/** A secret that tests change and take away. */
class Secret {
  text = JSON.stringify({ token: 'first' })
  isAway = false
  reads = 0

  async read(): Promise<string> {
    this.reads += 1
    if (this.isAway) throw new PortUnavailable('secrets', 'read', new Error('for the test'))
    return this.text
  }
}

describe('the tokens of a service', () => {
  let secret: Secret
  let clock: FakeClock
  let tokens: TokenSource

  beforeEach(() => {
    secret = new Secret()
    clock = new FakeClock()
    tokens = new TokenSource({ read: () => secret.read(), clock, log: quietLog })
  })

  const lets = async (token: string): Promise<boolean> =>
    (await authorize(tokens, { identitySource: [token] })).isAuthorized

  test('are read once, however many ask at the same time and after', async () => {
    expect(await Promise.all([lets('first'), lets('first'), lets('first')])).toEqual([
      true,
      true,
      true,
    ])
    await lets('first')
    expect(secret.reads).toBe(1)
  })

  test('a token that was taken away is refused within a minute', async () => {
    await lets('first')
    secret.text = JSON.stringify({ token: 'second' })
    await clock.advance(60_000)
    expect(await lets('first')).toBe(false)
  })

  test('a token that was added counts within ten seconds, though the others are still young', async () => {
    await lets('first')
    secret.text = JSON.stringify({ token: 'first', tokens: [{ tenant: 'vision', token: 'new' }] })
    await clock.advance(10_000)
    expect(await lets('new')).toBe(true)
  })

  test('guessing tokens costs one read each ten seconds', async () => {
    await lets('first')
    await clock.advance(10_000)
    for (let guess = 0; guess < 50; guess += 1) expect(await lets(`guess-${guess}`)).toBe(false)
    expect(secret.reads).toBe(2)
  })

  test('stay as they are while the secret cannot be read, for a quarter of an hour', async () => {
    await lets('first')
    secret.isAway = true
    await clock.advance(900_000)
    expect(await lets('first')).toBe(true)
    await clock.advance(1)
    await expect(lets('first')).rejects.toThrow(PortUnavailable)
  })

  test('stay as they are when somebody puts in what makes no sense', async () => {
    await lets('first')
    secret.text = 'not JSON'
    await clock.advance(60_000)
    expect(await lets('first')).toBe(true)
  })

  test('that were never read let nobody in, and say that it is our fault', async () => {
    secret.isAway = true
    await expect(lets('first')).rejects.toThrow(PortUnavailable)
    secret.isAway = false
    expect(await lets('first')).toBe(true)
  })

  test('count though the clock of the machine was set back', async () => {
    await lets('first')
    clock.jump(-3_600_000)
    secret.text = JSON.stringify({ token: 'second' })
    expect(await lets('second')).toBe(true)
    expect(await lets('first')).toBe(false)
  })

  test('no header and an empty one let nobody in', async () => {
    expect(await authorize(tokens, {})).toEqual({ isAuthorized: false })
    expect(await authorize(tokens, { identitySource: null })).toEqual({ isAuthorized: false })
    expect(await lets('')).toBe(false)
    expect(await lets('Bearer ')).toBe(false)
  })
})
