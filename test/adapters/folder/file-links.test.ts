import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFileLink, verifyFileLink } from '../../../lib/adapters/folder/file-links.ts'
import { serveFileLink } from '../../../lib/adapters/folder/serve-file-link.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { TemporaryStores } from '../sqlite/open-temporary.ts'
import { LINK_SECRET, openWithLinks } from './serve-links.ts'

const NOW_MS = 1_767_225_600_000
const links = { baseUrl: 'http://localhost:8080', secret: 'secret' }
const EXPIRES = { expiresAtMs: NOW_MS + 60_000 }
const download = makeFileLink(links, { key: 'jobs/1/ä b.txt', method: 'GET', ...EXPIRES })
const upload = makeFileLink(links, { key: 'uploads/1', method: 'PUT', maxBytes: 10, ...EXPIRES })

function verify(method: string, url: string, nowMs = NOW_MS) {
  return verifyFileLink(method, url, { secret: 'secret', nowMs })
}

describe('a signed link', () => {
  test('allows its method on its file until its time', () => {
    expect(verify('GET', download)).toEqual({ ok: true, key: 'jobs/1/ä b.txt' })
    expect(verify('HEAD', download)).toEqual({ ok: true, key: 'jobs/1/ä b.txt' })
    expect(verify('PUT', upload)).toEqual({ ok: true, key: 'uploads/1', maxBytes: 10 })
    expect(verify('GET', download, NOW_MS + 60_000)).toMatchObject({ ok: true })
    expect(verify('GET', download, NOW_MS + 60_001)).toEqual({ ok: false, why: 'expired' })
  })

  test('may be served behind another address', () => {
    const moved = download.replace('http://localhost:8080', 'https://example.org/service')
    expect(verify('GET', moved)).toMatchObject({ ok: true })
  })

  test.each([
    ['another method', 'PUT', download],
    ['a method that no link has', 'DELETE', download],
    ['a download with an upload link', 'GET', upload],
    ['another file', 'GET', download.replace('/1/', '/2/')],
    ['a later end', 'GET', download.replace('expires=1', 'expires=2')],
    ['more bytes', 'PUT', upload.replace('maxBytes=10', 'maxBytes=11')],
    ['no limit of bytes', 'PUT', upload.replace('&maxBytes=10', '')],
    ['bytes on a download', 'GET', `${download}&maxBytes=10`],
    ['no signature', 'GET', download.replace(/&signature=.*/, '')],
    ['a shorter signature', 'GET', download.slice(0, -1)],
  ])('does not allow %s', (_what, method, url) => {
    expect(verify(method, url)).toEqual({ ok: false, why: 'not-signed' })
  })

  test('of another secret allows nothing', () => {
    const check = verifyFileLink('GET', download, { secret: 'other', nowMs: NOW_MS })
    expect(check).toEqual({ ok: false, why: 'not-signed' })
  })

  test.each([
    'http://localhost/files/../etc/passwd',
    'http://localhost/files/%2e%2e/etc/passwd',
    'http://localhost/files/..%2fetc%2fpasswd',
    'http://localhost/files//etc/passwd',
    'http://localhost/files/a%00b',
    'http://localhost/files/%ff',
    'http://localhost/files/',
    'http://localhost/other/a',
    'no address',
  ])('that climbs or names no file allows nothing: %s', (url) => {
    const query = '?expires=9999999999&signature=x'
    expect(verify('GET', url + query)).toEqual({ ok: false, why: 'malformed' })
  })
})

describe('the server of links', () => {
  let clock: FakeClock
  let stores: TemporaryStores

  beforeEach(async () => {
    clock = new FakeClock(NOW_MS)
    stores = await openWithLinks(clock)
    await stores.files.put({
      key: 'page.html',
      body: '<b>0123456789</b>',
      contentType: 'text/html',
    })
  })
  afterEach(() => stores.close())

  const page = (seconds = 60): Promise<string> => stores.files.downloadLink('page.html', seconds)

  test('lets no browser run or guess what a job wrote', async () => {
    const answer = await fetch(await page())
    await answer.text()
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html',
      'content-disposition': "attachment; filename*=UTF-8''page.html",
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-length': '17',
    })
  })

  test('answers HEAD without the file', async () => {
    const answer = await fetch(await page(), { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-length')).toBe('17')
    expect(await answer.text()).toBe('')
  })

  test.each([
    ['bytes=3-5', 206, '012', 'bytes 3-5/17'],
    ['bytes=-4', 206, '</b>', 'bytes 13-16/17'],
    ['bytes=13-', 206, '</b>', 'bytes 13-16/17'],
    ['bytes=13-99', 206, '</b>', 'bytes 13-16/17'],
    ['bytes=-99', 206, '<b>0123456789</b>', 'bytes 0-16/17'],
    ['bytes=5-3', 200, '<b>0123456789</b>', null],
    ['bytes=0-1,4-5', 200, '<b>0123456789</b>', null],
    ['lines=1-2', 200, '<b>0123456789</b>', null],
    ['bytes=17-', 416, '', 'bytes */17'],
    ['bytes=-0', 416, '', 'bytes */17'],
  ])('answers the range %s with %i', async (range, status, body, contentRange) => {
    const answer = await fetch(await page(), { headers: { range } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-range')).toBe(contentRange)
    expect(await answer.text()).toBe(body)
  })

  test('gives a range only of the file that it began with', async () => {
    const first = await fetch(await page())
    await first.text()
    const etag = first.headers.get('etag') ?? ''
    const ask = async (): Promise<number> => {
      const answer = await fetch(await page(), {
        headers: { range: 'bytes=3-5', 'if-range': etag },
      })
      await answer.text()
      return answer.status
    }
    expect(await ask()).toBe(206)
    await stores.files.put({ key: 'page.html', body: 'changed since' })
    expect(await ask()).toBe(200)
  })

  test('answers an empty file', async () => {
    await stores.files.put({ key: 'empty', body: '' })
    const answer = await fetch(await stores.files.downloadLink('empty', 60))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })

  test('refuses in the error shape of the API', async () => {
    const link = await page()
    const codeOf = async (url: string, request?: RequestInit): Promise<unknown> => {
      const answer = await fetch(url, request)
      const body = (await answer.json()) as { error: { code: string; requestId: string } }
      expect(body.error.requestId).not.toBe('')
      return [answer.status, body.error.code]
    }
    expect(await codeOf(`${link}x`)).toEqual([403, 'invalid-link'])
    expect(await codeOf(link, { method: 'DELETE' })).toEqual([405, 'method-not-allowed'])
    expect(await codeOf(await stores.files.downloadLink('absent', 60))).toEqual([404, 'not-found'])
    await clock.advance(61_000)
    expect(await codeOf(link)).toEqual([403, 'invalid-link'])
  })

  test('cuts an upload that says no length once it is too large, and keeps nothing', async () => {
    const link = await stores.files.uploadLink('upload', 60, 100_000)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        if (sent > 50) controller.close()
        else controller.enqueue(new Uint8Array(10_000))
      },
    })
    const answer = await fetch(link, { method: 'PUT', body, duplex: 'half' })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ error: { code: 'payload-too-large' } })
    expect(await stores.files.info('upload')).toBeUndefined()
  })

  test('stores an upload of exactly the bytes allowed, with its type', async () => {
    const link = await stores.files.uploadLink('upload', 60, 100_000)
    const headers = { 'content-type': 'application/x-input' }
    const request = { method: 'PUT', body: new Uint8Array(100_000), headers }
    expect((await fetch(link, request)).status).toBe(200)
    const info = await stores.files.info('upload')
    expect(info).toMatchObject({ bytes: 100_000, contentType: 'application/x-input' })
  })

  test('takes one upload: what a job may name already is never changed', async () => {
    const link = await stores.files.uploadLink('once', 60, 100)
    expect((await fetch(link, { method: 'PUT', body: 'first' })).status).toBe(200)
    const second = await fetch(link, { method: 'PUT', body: 'second' })
    expect(second.status).toBe(409)
    expect(await second.json()).toMatchObject({ error: { code: 'already-uploaded' } })
    expect((await stores.files.read('once', 100))?.toString()).toBe('first')
  })

  test('refuses a second upload before it takes in the body', async () => {
    await stores.files.put({ key: 'taken', body: 'first' })
    const url = await stores.files.uploadLink('taken', 60, 100)
    // Never ends.
    const body = new ReadableStream<Uint8Array>()
    const request = new Request(url, { method: 'PUT', body, duplex: 'half' })
    const serving = { files: stores.files, clock, secret: LINK_SECRET }
    const uploadDir = join(stores.stateDir, 'uploads')
    const answer = await serveFileLink({ ...serving, uploadDir, newId: randomUUID }, request)
    expect(answer.status).toBe(409)
  })

  test('takes one of many uploads that come at the same moment', async () => {
    const link = await stores.files.uploadLink('race', 60, 100)
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (body) => {
        const answer = await fetch(link, { method: 'PUT', body })
        await answer.text()
        return { body, status: answer.status }
      }),
    )
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3)
    const winner = answers.find(({ status }) => status === 200)?.body
    expect((await stores.files.read('race', 100))?.toString()).toBe(winner)
  })

  test('says that the disk is full where it is', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const link = await stores.files.uploadLink('full', 60, 100)
    const serving = { clock, secret: LINK_SECRET, uploadDir: stores.stateDir, newId: () => 'one' }
    const files = {
      ...stores.files,
      info: () => Promise.resolve(undefined),
      put: () => Promise.reject(new PortUnavailable('files', 'put', full)),
    }
    const request = new Request(link, { method: 'PUT', body: 'x' })
    const answer = await serveFileLink({ ...serving, files }, request)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('the files cannot be used: no space left on the device')
  })

  test('keeps nothing of an upload that breaks off', async () => {
    const link = await stores.files.uploadLink('broken', 60, 100_000)
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1_000))
        controller.error(new Error('the client gave up'))
      },
    })
    const request = { method: 'PUT', body, duplex: 'half' } as RequestInit
    await expect(fetch(link, request)).rejects.toBeInstanceOf(Error)
    expect(await stores.files.info('broken')).toBeUndefined()
  })

  test('signs with its own secret', async () => {
    const foreign = makeFileLink(
      { baseUrl: new URL(await page()).origin, secret: `${LINK_SECRET}!` },
      { key: 'page.html', method: 'GET', expiresAtMs: NOW_MS + 60_000 },
    )
    const answer = await fetch(foreign)
    expect(answer.status).toBe(403)
    await answer.text()
  })
})
