import { describe, expect, test } from 'vitest'
import {
  type Environment,
  readEnvironment,
  type SettingsReader,
} from '../../lib/parsing/settings-reader.ts'
import { formatDetails, ServiceError } from '../../lib/registry/errors.ts'

function refusalOf(env: Environment, read: (reader: SettingsReader) => unknown): string[] {
  try {
    readEnvironment(env, 'the environment', read)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    expect(error.code).toBe('invalid-environment')
    return formatDetails(error.details)
      .split('\n')
      .map((line) => line.trim())
  }
  return []
}

describe('settings from an environment', () => {
  test('are read by their names; empty text counts as not given', () => {
    const env = { A: 'a', B: '', U: 'http://x', L: 'warn', O: '{"k":"v","n":0,"l":["a"]}' }
    const settings = readEnvironment(env, 'it', (reader) => ({
      has: [reader.has('A'), reader.has('B'), reader.has('C')],
      text: [reader.text('A'), reader.text('B', 'b'), reader.text('C', 'c')],
      url: reader.url('U'),
      level: [reader.oneOf('L', ['info', 'warn'], 'info'), reader.oneOf('B', ['x', 'y'], 'y')],
      like: reader.textLike('A', /^a$/, 'an a'),
      object: reader.object('O', ['k', 'n', 'l'], (inner) => {
        return [inner.text('k'), inner.numberFromZero('n'), inner.texts('l')]
      }),
    }))
    expect(settings).toEqual({
      has: [true, false, false],
      text: ['a', 'b', 'c'],
      url: 'http://x',
      level: ['warn', 'y'],
      like: 'a',
      object: ['v', 0, ['a']],
    })
  })

  test('name every mistake: what is wrong, the value given, what is allowed', () => {
    const env = { E: '', U: 'ftp://x', L: 'loud', A: 'b', N: '{"n":-1,"l":["",1],"x":1}', T: '[]' }
    const mistakes = refusalOf(env, (reader) => {
      reader.text('E')
      reader.url('U')
      reader.url('MISSING')
      reader.oneOf('L', ['info', 'warn'], 'info')
      reader.textLike('A', /^a$/, 'an a')
      reader.object('N', ['n', 'l'], (inner) => [inner.numberFromZero('n'), inner.texts('l')])
      reader.object('T', ['n'], (inner) => inner.text('n'))
    })
    expect(mistakes).toEqual([
      'env.E: is missing; got nothing; allowed: text',
      'env.U: is not an address; got "ftp://x"; allowed: an address that begins with http:// or https://',
      'env.MISSING: is missing; got nothing; allowed: an address that begins with http:// or https://',
      'env.L: is not one of the choices; got "loud"; allowed: info, warn',
      'env.A: is not an a; got "b"; allowed: an a',
      'env.N.x: is not a known key; got 1; allowed: n, l',
      'env.N.n: is not a number from 0; got -1; allowed: a number from 0',
      'env.N.l: is not a list of names; got a list of 2; allowed: a list of at least one name',
      'env.T: is not a JSON object; got "[]"; allowed: a JSON object',
    ])
  })

  test('show no value whose name tells a secret', () => {
    const read = (reader: SettingsReader) => reader.url('MY_TOKEN_URL')
    expect(refusalOf({ MY_TOKEN_URL: 'hunter2' }, read).join('')).not.toContain('hunter2')
  })

  test('the message counts the mistakes and says the first', () => {
    const one = (reader: SettingsReader) => reader.text('A')
    expect(() => readEnvironment({}, 'the environment', one)).toThrow(
      'the environment has 1 mistake: env.A is missing',
    )
    const two = (reader: SettingsReader) => reader.text('A') + reader.text('B')
    expect(() => readEnvironment({}, 'the environment', two)).toThrow(
      'the environment has 2 mistakes: env.A is missing',
    )
  })
})
