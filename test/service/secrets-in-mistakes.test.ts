import { describe, expect, it } from 'vitest'
import { GOOD, mistakesIn, withContainer } from './mistakes-in.ts'

describe('a message never shows a secret', () => {
  const SECRET = 'hunter2-hunter2'
  const inputs: readonly [string, unknown][] = [
    ['a token with a space', { ...GOOD, token: `${SECRET} x` }],
    ['a token in a list', { ...GOOD, token: [SECRET] }],
    ['a login that is not base64', { ...GOOD, dockerAuth: `user:${SECRET}` }],
    ['the value of a variable', withContainer({ env: [{ name: 'A', value: `${SECRET}\0` }] })],
    ['variables as text', withContainer({ env: [`A=${SECRET}`] })],
    ['variables as an object', withContainer({ env: { A: SECRET } })],
    ['all variables as one text', withContainer({ env: `A=${SECRET}` })],
    ['a container without its list', { ...GOOD, containers: { env: [SECRET], image: SECRET } }],
    ['the whole file as text', JSON.stringify({ token: SECRET })],
    ['the whole file in a list', [{ token: SECRET }]],
  ]

  it.each(inputs)('%s', (_what, raw) => {
    const text = mistakesIn(raw).join('\n')
    expect(text).not.toBe('')
    expect(text).not.toContain(SECRET)
  })
})
