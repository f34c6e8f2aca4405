import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson } from '../../../lib/api/read/read-body.ts'
import { readQuery } from '../../../lib/api/read/read-query.ts'
import { ROUTES } from '../../../lib/api/routes.ts'
import { checkCommand, checkTaskType } from '../../../lib/api/submit/check-job.ts'
import { findJsonMistake, parseJson } from '../../../lib/parsing/parse-json.ts'
import { decodeJobCursor, encodeJobCursor } from '../../../lib/api/contract/list-query.ts'
import {
  formatLogCursor,
  type LogCursor,
  parseLogCursor,
} from '../../../lib/api/contract/log-query.ts'
import {
  type PutQuery,
  putQuerySchema,
  splitPutQuery,
} from '../../../lib/api/contract/put-query.ts'
import { queryPathSchema } from '../../../lib/api/contract/query-request.ts'
import { type SubmitBody, submitBodySchema } from '../../../lib/api/contract/submit-body.ts'
import { isJobId, timeOfJobId } from '../../../lib/job/job-id.ts'
import { checkFileKey, checkPath } from '../../../lib/job/keys.ts'
import { parseWithSchema } from '../../../lib/parsing/parse-with-schema.ts'
import { anyText, jsonTextOf, textOf, expectEdge } from './edge.ts'

const RULE = { code: 'invalid-request', what: 'the input', root: 'body' } as const
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROLS = /[\u0000-\u001f\u007f]/
const dictionary = fc.dictionary(
  fc.oneof(fc.constantFrom('__proto__', 'A', 'host', 'x-a', 'SCALABLE_JOB_ID', 'tag'), anyText),
  anyText,
  { noNullPrototype: true },
)

describe('a body', () => {
  const body = fc.record(
    {
      taskType: fc.constantFrom('command', 'query'),
      command: anyText,
      input: fc.oneof(anyText, fc.jsonValue()),
      inputBase64: fc.oneof(fc.base64String(), anyText),
      inputKey: textOf('uploads/', 'default/', '1', '..', '/'),
      request: fc.record(
        { path: textOf('/', '..', '%2f', '?'), headers: dictionary },
        { requiredKeys: [] },
      ),
      env: dictionary,
      tags: dictionary,
      tenant: anyText,
      limits: fc.record(
        { runSeconds: fc.double(), graceSeconds: fc.double() },
        { requiredKeys: [] },
      ),
      retry: fc.record({ maxRetries: fc.double() }, { requiredKeys: [] }),
      logToQueue: fc.boolean(),
    },
    { requiredKeys: ['taskType'] },
  )
  test('of a submit', () =>
    expectEdge({
      input: body,
      parse: (value) => parseWithSchema(submitBodySchema, value, RULE),
      refuses: ['invalid-request'],
      // Nothing vanishes: what was given stands in what was taken.
      holds: (taken: SubmitBody, given) => {
        for (const name of ['env', 'tags'] as const) {
          expect(Object.keys(taken[name] ?? {})).toEqual(Object.keys(given[name] ?? {}))
        }
        expect(Object.keys(taken).toSorted()).toEqual(
          Object.keys(given)
            .filter((key) => given[key as 'env'] !== undefined)
            .toSorted(),
        )
        expect(taken.command ?? '').not.toContain('\u0000')
        expect(JSON.stringify(taken.request?.headers ?? {})).not.toMatch(/\\r|\\n/)
      },
    }))
  test('of any kind', () =>
    expectEdge({
      input: fc.anything(),
      parse: (value) => parseWithSchema(submitBodySchema, value, RULE),
      refuses: ['invalid-request'],
    }))
  test('as JSON text', () =>
    expectEdge({
      input: jsonTextOf({ taskType: 'command', command: 'x' }, [1, 'a', null], { a: { b: [] } }),
      parse: (text) => ({ value: parseJson(text) }),
      refuses: ['invalid-json', 'invalid-request'],
      holds: ({ value }: { value: unknown }, text) => expect(value).toEqual(JSON.parse(text)),
    }))
  test('as bytes', () =>
    expectEdge({
      input: fc.uint8Array({ maxLength: 60 }),
      parse: (bytes) => readJson(bytes),
      refuses: ['invalid-json', 'invalid-request'],
    }))
  test('that is no JSON: the place of the mistake lies in it', () =>
    expectEdge({
      input: jsonTextOf({ taskType: 'command' }, [1, 2, { a: 'b' }], 'text'),
      parse: (text) => findJsonMistake(text),
      refuses: [],
      holds: ({ line, column }: { line: number; column: number }, text) => {
        const lines = text.split('\n')
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lines.length)
        expect(column).toBeGreaterThanOrEqual(1)
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
      },
    }))
  test('that is a command', () =>
    expectEdge({
      input: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        anyText.map((text) => Buffer.from(text)),
      ),
      parse: (bytes) => checkCommand(bytes, 'body'),
      refuses: ['invalid-request'],
      holds: (_: void, bytes) => {
        expect(Buffer.from(bytes).toString('utf8').trim()).not.toBe('')
        expect(bytes.includes(0)).toBe(false)
      },
    }))
  test('with any task type', () =>
    expectEdge({
      input: fc.anything(),
      parse: (given) => checkTaskType(given, ['command', 'query'], 'body.taskType'),
      refuses: ['unknown-task-type'],
    }))
})

describe('an address', () => {
  const search = fc
    .array(fc.tuple(textOf('taskType', 'limit', 'tag', '_x', '__proto__'), anyText), {
      maxLength: 5,
    })
    .map((pairs) => `http://x/?${new URLSearchParams(pairs).toString()}`)
  for (const route of ROUTES) {
    test(`of ${route.method} ${route.path}: its query string`, () =>
      expectEdge({
        input: search,
        parse: (url) => readQuery(route.query, url, route.repeatable),
        refuses: ['invalid-request'],
        runs: 150,
      }))
  }
  test('that repeats a long name is refused in a few words', () => {
    const name = 'x'.repeat(20_000)
    const [route] = ROUTES
    const read = () => readQuery(route!.query, `http://x/?${name}=1&${name}=2`)
    expect(read).toThrow(/^.{1,200} stands more than once$/)
  })
  test('of a put: tags and what means nothing', () =>
    expectEdge({
      input: search,
      parse: (url) => splitPutQuery(readQuery(putQuerySchema, url)),
      refuses: ['invalid-request'],
      holds: ({ tags }: PutQuery) => {
        for (const name of Object.keys(tags)) expect(name.startsWith('_')).toBe(false)
      },
    }))
  test('of the model server', () =>
    expectEdge({
      input: textOf('/', '//', '..', '.', '%2e', '%2F', '%5c', '\\', '?', '#', 'a', ' ', '@', ':'),
      parse: (path) => parseWithSchema(queryPathSchema, path, RULE),
      refuses: ['invalid-request'],
      holds: (path: string) => {
        const url = new URL(path, 'http://model:8000')
        expect(url.host).toBe('model:8000')
        expect(decodeURIComponentSafely(path.split('?')[0] ?? '')).not.toMatch(
          /(^|[/\\])\.\.?([/\\]|$)/,
        )
      },
    }))
  test('that names a job', () =>
    expectEdge({
      input: textOf('3711718195200000001', '9', '0', '-', '..', '%00'),
      parse: (text) => (isJobId(text) ? timeOfJobId(text) : undefined),
      refuses: [],
      holds: (ms: number | undefined) => {
        if (ms !== undefined) expect(Number.isSafeInteger(ms)).toBe(true)
      },
    }))
  test('that names a file', () =>
    expectEdge({
      input: textOf('a', '/', '..', '.', '\\', '\u0000', '\n', '~', 'é', 'e\u0301', '\u2215'),
      parse: (path) => [checkPath(path), checkFileKey(path)],
      refuses: ['invalid-path'],
      holds: ([path]: [string]) => {
        expect(
          new URL(
            `file:///root/${path.split('/').map(encodeURIComponent).join('/')}`,
          ).pathname.startsWith('/root/'),
        ).toBe(true)
        expect(path).not.toMatch(CONTROLS)
      },
    }))
})

describe('a cursor', () => {
  test('of jobs', () =>
    expectEdge({
      input: textOf('j1-', '3711718195200000001', 'ajE6', '-', '0'),
      parse: (text) => decodeJobCursor(text),
      refuses: [],
      holds: (id: string | undefined, text) => {
        if (id !== undefined) expect(encodeJobCursor(id)).toBe(text)
      },
    }))
  test('of a log', () =>
    expectEdge({
      input: textOf('1:', '2:', '0000000014', ':7', ':', '-', '1e3', '0x1'),
      parse: (text) => parseLogCursor(text),
      refuses: [],
      holds: (cursor: LogCursor | undefined) => {
        if (cursor === undefined) return
        expect(parseLogCursor(formatLogCursor(cursor))).toEqual(cursor)
        expect(Object.values(cursor).every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(
          true,
        )
      },
    }))
})

function decodeURIComponentSafely(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
