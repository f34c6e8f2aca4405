import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  apiSettingsFromEnv,
  functionSettingsFromEnv,
  tokenSecretFromEnv,
} from '../../../lib/adapters/aws/function-settings.ts'
import { parseTokenSecret } from '../../../lib/api/auth/token-set.ts'
import { awsSettingsFromEnv } from '../../../lib/adapters/aws/aws-settings-from-env.ts'
import { decodePageToken, encodePageToken } from '../../../lib/adapters/aws/dynamodb/page-token.ts'
import {
  type Item,
  toAttributes,
  toItemKey,
  toRow,
} from '../../../lib/adapters/aws/dynamodb/table-item.ts'
import { ENV } from '../../../lib/registry/env.ts'
import { parseByteRange } from '../../../lib/adapters/folder/parse-byte-range.ts'
import { parseReceipt } from '../../../lib/adapters/sqlite/take-messages.ts'
import { verifyFileLink } from '../../../lib/adapters/folder/file-links.ts'
import type { Row } from '../../../lib/ports/table.ts'
import { readSettings } from '../../../worker/start/read-settings.ts'
import { anyText, jsonTextOf, textOf, expectEdge } from './edge.ts'

const VALUES: Readonly<Record<string, string>> = {
  [ENV.queueUrls.name]: '{"command":"http://x/1","output":"http://x/2"}',
  [ENV.ecsServices.name]: '{"a":"s1","b":"s2"}',
  [ENV.taskDefinition.name]: 'arn:aws:ecs:eu:1:task-definition/x:1',
  [ENV.machines.name]: '{"groups":["g"],"idleSeconds":1}',
  [ENV.backend.name]: 'aws',
  [ENV.logLevel.name]: 'info',
  ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/x',
  ECS_AGENT_URI: 'http://169.254.170.2/api/x',
}
const NAMES = [...Object.values(ENV).map(({ name }) => name), ...Object.keys(VALUES)]
/** All variables well, but for some that hold anything. */
const environment = fc
  .dictionary(fc.constantFrom(...NAMES), fc.oneof(anyText, jsonTextOf({ a: 'b' }, ['x'])), {
    maxKeys: 4,
  })
  .map((changed) => ({
    ...Object.fromEntries(NAMES.map((name) => [name, VALUES[name] ?? 'x'])),
    ...changed,
  }))

describe('the environment', () => {
  const refusing = { input: environment, refuses: ['invalid-environment'], runs: 200 } as const
  test.each([
    ['of a worker', readSettings],
    ['of every function', functionSettingsFromEnv],
    ['of the API', apiSettingsFromEnv],
    ['of the authorizer', tokenSecretFromEnv],
    ['that names the fleet', awsSettingsFromEnv],
  ])('%s', (_, parse) => expectEdge({ ...refusing, parse: (env) => parse(env as never) }))
})

describe('the secret of the tokens', () => {
  test('in any text: refused without a word of it', () =>
    expectEdge({
      input: jsonTextOf(
        { token: 'tok-SECRET' },
        { tokens: [{ tenant: 'a', token: 'tok-SECRET' }] },
        { token: ' SECRET' },
      ),
      parse: (text) => {
        try {
          return parseTokenSecret(text)
        } catch (error) {
          expect(JSON.stringify(error) + String(error)).not.toContain('SECRET')
          throw error
        }
      },
      refuses: ['invalid-service-config'],
      holds: (tokens: readonly unknown[]) => {
        expect(tokens.length).toBeGreaterThan(0)
        expect(JSON.stringify(tokens)).not.toContain('SECRET')
      },
    }))
})

describe('what callers give back', () => {
  test('as the token of a page', () =>
    expectEdge({
      input: fc.oneof(
        anyText,
        jsonTextOf(['a', 'b'], ['a'], [1, 2]).map((text) =>
          Buffer.from(text).toString('base64url'),
        ),
      ),
      parse: (token) => decodePageToken(token, 2),
      refuses: ['invalid-request'],
      holds: (parts: string[]) => expect(decodePageToken(encodePageToken(parts), 2)).toEqual(parts),
    }))
  test('as the receipt of a message', () =>
    expectEdge({
      input: textOf('1', ':', '-', '1e300', '0x1', ' ', 'abc'),
      parse: (text) => parseReceipt(text),
      refuses: [RangeError],
      holds: ({ id }: { id: number }) => expect(Number.isSafeInteger(id)).toBe(true),
    }))
  test('as a range of bytes', () =>
    expectEdge({
      input: fc.tuple(textOf('bytes=', '0', '-', '5', '9'.repeat(30), ',', ' '), fc.nat(20)),
      parse: ([header, bytes]) => parseByteRange(header, bytes),
      refuses: [],
      holds: (range: { start: number; end: number } | string, [, bytes]) => {
        if (typeof range === 'string') return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeGreaterThanOrEqual(range.start)
        expect(range.end).toBeLessThan(bytes)
      },
    }))
  test('as a link to a file', () =>
    expectEdge({
      input: textOf(
        'http://x/files/',
        'jobs/1/result',
        '?expires=9999999999',
        '&signature=',
        '%',
        '..',
      ),
      parse: (url) => verifyFileLink('GET', url, { secret: 's', nowMs: 0 }),
      refuses: [],
      holds: (check: { ok: boolean }) => expect(check.ok).toBe(false),
    }))
})

describe('a row of the table', () => {
  const data = fc.dictionary(anyText, fc.jsonValue(), { maxKeys: 4, noNullPrototype: true })
  test('comes again as it was written', () =>
    expectEdge({
      input: data,
      parse: (written) => {
        const put = {
          kind: 'put',
          key: { pk: 'p', sk: 's' },
          data: written,
          expect: 'any',
        } as const
        const stored = {
          ...toItemKey(put.key),
          ...toAttributes(put as never, 'token'),
          rev: { N: '1' },
        }
        return toRow(JSON.parse(JSON.stringify(stored)) as Item)
      },
      refuses: [],
      holds: (row: Row, written) => {
        expect(row).toEqual({
          key: { pk: 'p', sk: 's' },
          rev: 1,
          data: JSON.parse(JSON.stringify(written)),
        })
      },
    }))
  test('that something else wrote is never taken for one', () =>
    expectEdge({
      input: fc.dictionary(
        fc.constantFrom('pk', 'sk', 'rev', 'data', 'token'),
        fc.oneof(
          fc.record({ S: jsonTextOf({ a: 1 }) }),
          fc.record({ N: textOf('1', '-', 'e', '.') }),
          fc.constantFrom({ NULL: true }, {}, { BOOL: true }),
        ),
      ),
      parse: (item) => toRow(item as unknown as Item),
      refuses: [Error],
      holds: (row: Row) => {
        expect(Number.isSafeInteger(row.rev)).toBe(true)
        expect(row.data).toBeTypeOf('object')
        expect(row.data).not.toBeNull()
      },
    }))
  test.each([
    ['no revision', { rev: { N: '' }, data: { S: '{}' } }],
    ['no object', { rev: { N: '1' }, data: { S: '-1' } }],
    ['a list', { rev: { N: '1' }, data: { S: '[]' } }],
    ['null', { rev: { N: '1' }, data: { S: 'null' } }],
  ] satisfies [string, Item][])('that holds %s is none', (_what, attributes: Item) => {
    expect(() => toRow({ pk: { S: 'p' }, sk: { S: 's' }, ...attributes })).toThrow(/an item/)
  })
})
