import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiError, readApiError } from '../../../lib/client/api-error.ts'
import { printable } from '../../../lib/cli/paint.ts'
import { aLiveApi, type LiveApi } from '../../support/a-live-api.ts'
import { COMMAND_NAMES, runLine } from '../../cli/run-line.ts'
import { anyText, jsonTextOf, textOf, expectEdge } from './edge.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/* eslint-disable-next-line no-control-regex -- control characters are what it looks for */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
describe('words of a command line', () => {
  test('are printed without anything that moves a cursor', () =>
    expectEdge({
      input: textOf('\u001b[2J', '\u001b]0;x\u0007', '\u009b1m', '\u001b', 'text', '\r', '\b'),
      parse: (text) => printable(text),
      refuses: [],
      holds: (shown: string) => expect(shown).not.toMatch(CONTROLS),
    }))

  let live: LiveApi
  beforeAll(async () => {
    live = await aLiveApi()
  })
  afterAll(() => live.close())

  test('of any kind end with a code and a sentence, never with a stack', async () => {
    const known = COMMAND_NAMES.filter((name) => name !== 'doctor')
    const word = fc.oneof(
      fc.constantFrom(
        ...known,
        '--json',
        '--url',
        '--limit',
        '-h',
        '--',
        '3711718195200000001',
        '--tag',
        'a=b',
        '--url=',
        '--__proto__',
        '--no-json',
        '-n-5',
      ),
      anyText.filter((text) => !text.includes('\0')),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...known),
        fc.array(word, { maxLength: 4 }),
        async (name, words) => {
          // Neither reads for ever nor writes a file.
          if (['download', 'output'].includes(name) || words.includes('--follow')) return
          const { code, stderr } = await runLine(live, [name, ...words], { input: '' })
          expect([0, 1, 2, 3, 4, 5]).toContain(code)
          expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
          expect(stderr.replaceAll('\n', '')).not.toMatch(CONTROLS)
        },
      ),
      propertyRuns(120),
    )
  })
})

describe('an answer that is none of the API', () => {
  const bodies = jsonTextOf(
    { error: { code: 'not-found', message: 'x', fix: 'y', details: [], requestId: 'z' } },
    { error: { code: 'not-found', message: '\u001b[2Jx', details: [null, 7, { path: 1 }] } },
    { error: { code: 'not-found', message: 'x', fix: { a: 1 }, details: 'none', requestId: [] } },
    { error: { code: 'internal', message: 7 } },
    { error: null },
    { jobs: [{ id: 1, status: null, attempts: 'x' }], next: 3 },
    { jobs: 'none' },
    [],
  )
  const statuses = fc.constantFrom(200, 201, 202, 301, 303, 400, 401, 404, 409, 413, 429, 500, 503)
  test('is an error with a sentence', () =>
    expectEdge({
      input: fc.record({
        text: bodies,
        status: statuses,
        retryAfter: anyText,
      }),
      parse: async ({ text, status, retryAfter }) => {
        const headers = new Headers()
        if (/^[\x20-\x7e]*$/.test(retryAfter)) headers.set('retry-after', retryAfter)
        return readApiError(new Response(text, { status, headers }))
      },
      refuses: [],
      holds: (error: ApiError) => {
        expect(error).toBeInstanceOf(ApiError)
        expect(typeof error.fix).toBe('string')
        for (const { path, problem } of error.details)
          expect(typeof path + typeof problem).toBe('stringstring')
      },
    }))

  let server: Server
  let folder: string
  let answer = { status: 200, text: '' }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scalable-job-cli-'))
    server = createServer((request, response) => {
      request.resume()
      response.writeHead(answer.status, { location: '/nowhere' }).end(answer.text)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('ends every command with a code and a sentence, never with a stack', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const id = '3711718195200000001'
    const lines = [
      ['list'],
      ['status', id],
      ['result', id],
      ['service'],
      ['cancel', id],
      ['artifacts', id],
      ['submit', '--', 'x'],
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lines),
        fc.constantFrom(200, 201, 202, 404, 409),
        bodies,
        async (line, status, text) => {
          answer = { status, text }
          const { code, stdout, stderr } = await runLine({ url, folder }, line, {
            env: { SCALABLE_JOB_API_URL: url, SCALABLE_JOB_TOKEN: 't' },
          })
          expect([0, 1, 2, 3, 4, 5]).toContain(code)
          expect(stdout + stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
          expect(stderr).not.toMatch(/TypeError|RangeError|undefined is not|Cannot read/)
          expect(stderr.replaceAll('\n', '')).not.toMatch(CONTROLS)
        },
      ),
      propertyRuns(150),
    )
  })
})
