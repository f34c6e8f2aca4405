import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeJsonLog } from '../../../lib/adapters/node/json-log.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../../support/a-live-api.ts'
import { exchange, toHead } from '../support/raw-connection.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const AUTH = { Authorization: TOKEN }
/** What would begin a line of its own, end the JSON, or move the cursor of whoever reads. */
const FORGED = [
  'x\n{"level":"error","message":"FORGED"}',
  'x\r\n{"message":"FORGED"}',
  '"},{"message":"FORGED"}',
  '\u2028FORGED',
  '\u001b[2J\u001b[1;31mFORGED',
  '\u009b2JFORGED',
  '\u0000FORGED',
  '{"time":"1970-01-01T00:00:00.000Z","level":"error"}',
  '__proto__',
]

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

const lines: string[] = []
let live: LiveApi
beforeAll(async () => {
  const log = makeJsonLog({ write: (line) => lines.push(line), level: 'debug' })
  live = await aLiveApi({ log })
})
afterAll(() => live.close())

/** One line each, JSON, and its own fields are its own. */
function expectSound(): void {
  for (const line of lines) {
    expect(line.slice(0, -1)).not.toContain('\n')
    expect(line.endsWith('\n')).toBe(true)
    expect(line.slice(0, -1)).not.toMatch(CONTROLS)
    const { time, level, message } = JSON.parse(line) as Record<string, string>
    expect(Number.isNaN(Date.parse(time ?? ''))).toBe(false)
    expect(['debug', 'info', 'warn', 'error']).toContain(level)
    expect(message).not.toContain('FORGED')
  }
}

describe('the log stays one line of JSON for each thing said', () => {
  test.each(FORGED.map((text) => [JSON.stringify(text), text]))(
    'with %s in a request',
    async (_, text) => {
      const encoded = encodeURIComponent(text)
      for (const target of [
        `/jobs/${encoded}`,
        `/${encoded}`,
        `/jobs?status=${encoded}`,
        `/jobs?${encoded}=1`,
        `/files/${encoded}?signature=${encoded}`,
        `/console/${encoded}`,
      ]) {
        await (await fetch(live.url + target, { headers: AUTH })).text()
      }
      for (const body of [
        { taskType: 'command', command: text },
        { taskType: 'command', command: 'x', tags: { a: text } },
        { taskType: 'command', command: 'x', env: { A: text }, tenant: text },
        { taskType: text },
      ]) {
        await fetch(`${live.url}/jobs`, {
          method: 'POST',
          headers: AUTH,
          body: JSON.stringify(body),
        })
      }
      // Bytes that no client library would send.
      const raw = Buffer.from(text.replaceAll(/[\r\n\0]/g, '\t'), 'utf8').toString('latin1')
      for (const name of [
        'User-Agent',
        'X-Request-Id',
        'Referer',
        'Idempotency-Key',
        'X-Forwarded-For',
        'Authorization',
      ]) {
        await exchange(
          live.url,
          Buffer.from(toHead('GET /jobs HTTP/1.1', { ...AUTH, [name]: raw }), 'latin1'),
        )
      }
      expect(lines.length).toBeGreaterThan(0)
      expectSound()
    },
  )

  test('with anything at all in a field', () => {
    const written: string[] = []
    const log = makeJsonLog({ write: (line) => written.push(line), level: 'debug' })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.anything(), (text, value) => {
        written.length = 0
        log.with({ [text]: value as never }).info(text, { [text]: value as never, text })
        expect(written).toHaveLength(1)
        expect((written[0] ?? '').slice(0, -1)).not.toMatch(CONTROLS)
        expect(JSON.parse(written[0] ?? '')).toMatchObject({ level: 'info' })
      }),
      propertyRuns(300),
    )
  })
})

describe('an answer has the headers that it was given, and no other', () => {
  test.each(['x\r\nSet-Cookie: a=b', 'x%0d%0aSet-Cookie:%20a=b', 'x\nX-Evil: 1'])(
    'with %s',
    async (text) => {
      for (const target of [
        `/jobs/${encodeURIComponent(text)}`,
        `/jobs?cursor=${encodeURIComponent(text)}`,
        `/jobs/3711718195200000001/artifacts?path=${encodeURIComponent(text)}`,
      ]) {
        const answer = await fetch(live.url + target, { headers: AUTH, redirect: 'manual' })
        expect(answer.headers.get('set-cookie')).toBeNull()
        expect(answer.headers.get('x-evil')).toBeNull()
      }
      const asked = await fetch(`${live.url}/jobs`, {
        headers: { ...AUTH, 'X-Request-Id': 'a b"c' },
      })
      expect(asked.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
    },
  )

  test('whatever an artifact is called, its name is one word of one header', async () => {
    const names = [
      'a"b.txt',
      "a'b.txt",
      'a;b=c.txt',
      'a\u202etxt.exe',
      'é\u0301.txt',
      "a*=UTF-8''b",
      '%0d%0aX-Evil: 1',
      '𝒳',
      ' ',
    ]
    for (const name of names) {
      const key = `jobs/3711718195200000001/1/artifacts/${name}`
      await live.files
        .put({ key, body: 'x', contentType: 'text/html\r\nX-Evil: 1' })
        .catch(() => undefined)
      await live.files.put({ key, body: 'x', contentType: 'text/html' })
      const answer = await fetch(await live.files.downloadLink(key, 60))
      expect(answer.status).toBe(200)
      const disposition = answer.headers.get('content-disposition') ?? ''
      expect(disposition).toMatch(/^attachment; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]*$/)
      expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe(name)
      expect(answer.headers.get('content-security-policy')).toContain('sandbox')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('x-evil')).toBeNull()
    }
  })

  test('a type that an uploader made up is no header of its own', async () => {
    const key = 'jobs/3711718195200000001/1/artifacts/typed'
    for (const type of ['text/html\r\nX-Evil: 1', 'a\u0000b', '𝒳', 'x'.repeat(20_000), '']) {
      await live.files.put({ key, body: 'x', contentType: type })
      const answer = await fetch(await live.files.downloadLink(key, 60))
      expect(`${JSON.stringify(type.slice(0, 20))}: ${answer.status}`).toMatch(/: 200$/)
      expect(answer.headers.get('x-evil')).toBeNull()
      expect(await answer.text()).toBe('x')
    }
  })
})
