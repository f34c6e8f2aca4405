import { expect, test } from 'vitest'
import { findCaller, parseTokenSecret } from '../../../lib/api/auth/token-set.ts'
import { ServiceError } from '../../../lib/registry/errors.ts'

test('the token of the first deploy acts for every tenant', () => {
  const tokens = parseTokenSecret('{"token":"made"}')
  expect(findCaller(tokens, 'made')).toMatchObject({ tenant: '*', isAdmin: true })
})

test('tokens of tenants stand beside it, and an old token beside the new one', () => {
  const tokens = parseTokenSecret(
    JSON.stringify({
      token: 'new',
      tokens: [
        { tenant: '*', token: 'old' },
        { tenant: 'vision', token: 'theirs' },
      ],
      rotatedAt: 'left to whoever wrote it',
    }),
  )
  const tenants = ['new', 'old', 'theirs', 'other'].map(
    (token) => findCaller(tokens, token)?.tenant,
  )
  expect(tenants).toEqual(['*', '*', 'vision', undefined])
})

test.each([
  ['text that is no JSON', 'hunter2-hunter2'],
  ['no token at all', '{"user":"hunter2-hunter2"}'],
  ['an empty token', '{"token":""}'],
  ['a token with a space', '{"token":"hunter2 hunter2"}'],
  ['a tenant that is no name', '{"tokens":[{"tenant":"a b","token":"hunter2-hunter2"}]}'],
  ['a token that is no text', '{"token":{"value":"hunter2-hunter2"}}'],
])('%s is refused, and the message does not tell the secret', (_what, text) => {
  const refusal = catchError(() => parseTokenSecret(text))
  expect(refusal).toBeInstanceOf(ServiceError)
  const { message, details } = refusal as ServiceError
  expect(message + JSON.stringify(details)).not.toContain('hunter2')
})

function catchError(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
