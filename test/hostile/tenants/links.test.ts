import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { artifactKey, attemptPrefix } from '../../../lib/job/keys.ts'
import { makeFileLink } from '../../../lib/adapters/folder/file-links.ts'
import { aLiveApi, LINK_SECRET, type LiveApi } from '../../support/a-live-api.ts'
import { exchange, toHead } from '../support/raw-connection.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const MINE = artifactKey(attemptPrefix('3711718195200000001', 1), 'mine.txt')
const THEIRS = artifactKey(attemptPrefix('3711718195200000002', 1), 'theirs.txt')
const HOUR_MS = 3_600_000

let live: LiveApi
let link: URL
beforeAll(async () => {
  live = await aLiveApi()
  await live.files.put({ key: MINE, body: 'mine' })
  await live.files.put({ key: THEIRS, body: 'theirs' })
  link = new URL(await live.files.downloadLink(MINE, 60))
})
afterAll(() => live.close())

/** As it stands: `fetch` would resolve dots and escapes first. */
function ask(method: string, target: string) {
  const length = method === 'PUT' ? { 'Content-Length': '0' } : {}
  return exchange(live.url, toHead(`${method} ${target} HTTP/1.1`, length))
}

test('a link opens its own file', async () => {
  const answer = await ask('GET', link.pathname + link.search)
  expect(answer).toMatchObject({ status: 200, body: 'mine' })
})

describe('a link for one file, method and time opens nothing else:', () => {
  const theirs = `/files/${THEIRS}`
  test.each([
    ['the path of another file', 'GET', () => theirs + link.search],
    [
      'another file with dots',
      'GET',
      () => `${link.pathname}/../../../../3711718195200000002/1/artifacts/theirs.txt${link.search}`,
    ],
    [
      'another file with escaped dots',
      'GET',
      () => `${link.pathname}/%2e%2e/%2E%2E/theirs.txt${link.search}`,
    ],
    [
      'another file with escaped slashes',
      'GET',
      () => `/files/${THEIRS.replaceAll('/', '%2f')}${link.search}`,
    ],
    ['two addresses in one', 'GET', () => `/files/${MINE}/files/${THEIRS}${link.search}`],
    ['a NUL behind the name', 'GET', () => `${link.pathname}%00${link.search}`],
    ['a backslash', 'GET', () => `${link.pathname.replace('/jobs/', '\\jobs\\')}${link.search}`],
    ['a put', 'PUT', () => link.pathname + link.search],
    ['a put of many bytes', 'PUT', () => `${link.pathname}${link.search}&maxBytes=999`],
    ['no signature', 'GET', () => `${link.pathname}?expires=${link.searchParams.get('expires')}`],
    ['an empty signature', 'GET', () => `${link.pathname}?expires=99999999999&signature=`],
    [
      'a later end',
      'GET',
      () => `${link.pathname}?expires=99999999999&signature=${link.searchParams.get('signature')}`,
    ],
    ['a second end', 'GET', () => `${link.pathname}?expires=99999999999&${link.search.slice(1)}`],
  ])('%s', async (_, method, target) => {
    const answer = await ask(method, target())
    expect([400, 403, 404]).toContain(answer.status)
    expect(answer.body).not.toContain('mine"')
    expect(answer.body).not.toContain('theirs\n')
    expect(answer.headers['content-type']).toContain('application/json')
  })

  test('any other text in its place', async () => {
    const good = link.pathname + link.search
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom(...'aZ09%/.-_~+&=?'.split('')))
      .map(([at, char]) => good.slice(0, at) + char + good.slice(at + 1))
      .filter((text) => text !== good && text.startsWith('/files/'))
    await fc.assert(
      fc.asyncProperty(changed, async (text) => {
        const answer = await fetch(live.url + text)
        expect(`${text}: ${answer.status}`).toBe(`${text}: 403`)
        await answer.body?.cancel()
      }),
      propertyRuns(150),
    )
  })
})

test('a link whose time is over opens nothing, by its own signature', async () => {
  const links = { baseUrl: live.url, secret: LINK_SECRET }
  const grant = { key: MINE, method: 'GET', expiresAtMs: Date.now() - HOUR_MS } as const
  const answer = await fetch(makeFileLink(links, grant))
  expect(answer.status).toBe(403)
  expect(await answer.text()).toContain('expired')
})

test('a key that climbs is never signed, and a link signed with it opens nothing', async () => {
  for (const key of ['../token', 'jobs/../../token', '/etc/passwd', 'a//b', 'a\\b', 'a\0b']) {
    await expect(live.files.downloadLink(key, 60)).rejects.toMatchObject({ code: 'invalid-path' })
    const links = { baseUrl: live.url, secret: LINK_SECRET }
    const forged = new URL(makeFileLink(links, { key, method: 'GET', expiresAtMs: 9e12 }))
    const target = `/files/${key.split('/').map(encodeURIComponent).join('/')}${forged.search}`
    expect([403, 404]).toContain((await ask('GET', target)).status)
  }
})

test('a link of one service opens nothing in another', async () => {
  const links = { baseUrl: live.url, secret: 'another-secret' }
  const grant = { key: MINE, method: 'GET', expiresAtMs: Date.now() + HOUR_MS } as const
  expect((await fetch(makeFileLink(links, grant))).status).toBe(403)
})
