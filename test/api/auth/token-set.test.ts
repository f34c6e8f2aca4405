import { expect, test } from 'vitest'
import { findCaller, makeTokenSet } from '../../../lib/api/auth/token-set.ts'

const TOKENS = makeTokenSet([
  { tenant: 'ann', token: 'token-a' },
  { tenant: 'bob', token: 'token-b' },
  { tenant: '*', token: 'token-admin' },
])

test('a token leads to its tenant, and only the whole token does', () => {
  expect(findCaller(TOKENS, 'token-a')).toEqual({ tenant: 'ann', isAdmin: false, seesAll: false })
  expect(findCaller(TOKENS, 'token-admin')).toEqual({ tenant: '*', isAdmin: true, seesAll: true })
  for (const wrong of ['', 'token-', 'token-a ', 'token-aa', 'TOKEN-A']) {
    expect(findCaller(TOKENS, wrong)).toBeUndefined()
  }
})

test('the only tenant of a service sees all of it', () => {
  const single = makeTokenSet([
    { tenant: 'default', token: 'one' },
    { tenant: 'default', token: 'two' },
    { tenant: '*', token: 'admin' },
  ])
  expect(findCaller(single, 'two')).toMatchObject({ tenant: 'default', seesAll: true })
})

test('the tokens themselves are not kept', () => {
  expect(JSON.stringify(TOKENS)).not.toContain('token-a')
})

test.each([
  ['an empty token', 'ann', ''],
  ['a token with a space', 'ann', 'a b'],
  ['a tenant that could run into a key', 'a#b', 'token'],
  ['an empty tenant', '', 'token'],
])('%s is refused, without showing the token', (_, tenant, token) => {
  expect(() => makeTokenSet([{ tenant, token }])).toThrow(/tokens\[0\]/)
})
