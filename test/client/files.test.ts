import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../lib/client/connect.ts'
import { aServer } from './a-server.ts'

const ID = '3711718195200000001'
const SHA_OF_TEXT = '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1'

let server: Awaited<ReturnType<typeof aServer>>
let folder: string
beforeAll(async () => {
  server = await aServer()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalable-job-files-'))
  return () => rmSync(folder, { recursive: true, force: true })
})
afterAll(() => server.close())

const client = () => connect({ url: server.url, token: 'secret', env: {} })
const file = (more: object = {}) => {
  return { path: 'a/b.txt', bytes: 4, sha256: SHA_OF_TEXT, url: `${server.url}/link`, ...more }
}

describe('a download', () => {
  test('replaces the file that was there, and sends no token to a link', async () => {
    server.answerWith((_request, response) => response.end('text'))
    expect(await client().download(file(), folder)).toBe(join(folder, 'a/b.txt'))
    writeFileSync(join(folder, 'a/b.txt'), 'older and longer')
    await client().download(file(), folder)
    expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('text')
    expect(readdirSync(join(folder, 'a'))).toEqual(['b.txt'])
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
    ])
  })

  test.each([
    ['has another size', { bytes: 5 }, 'arrived with 4 bytes instead of 5'],
    ['has another checksum', { sha256: 'x' }, 'instead of x'],
  ])('of a file that %s leaves nothing', async (_, more, problem) => {
    server.answerWith((_request, response) => response.end('text'))
    const error = { code: 'bad-download', message: expect.stringContaining(problem) as string }
    await expect(client().download(file(more), folder)).rejects.toMatchObject(error)
    expect(readdirSync(join(folder, 'a'))).toEqual([])
  })

  test('without a checksum is checked by its size alone', async () => {
    server.answerWith((_request, response) => response.end('text'))
    await client().download(file({ sha256: undefined }), folder)
    expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('text')
  })

  test.each(['../out.txt', '/etc/out.txt', 'a/../../out.txt', '..'])(
    'never writes outside of its folder: %s',
    async (path) => {
      server.answerWith((_request, response) => response.end('text'))
      await expect(client().download(file({ path }), folder)).rejects.toThrow(/path|outside/)
      expect(server.received).toEqual([])
    },
  )

  test('that breaks off, is refused, or is stopped says which', async () => {
    server.answerWith((_request, response) => {
      response.writeHead(200, { 'content-length': '4' })
      response.write('te')
      setImmediate(() => response.destroy())
    })
    const broken = { code: 'unreachable', message: expect.stringContaining('broke off') as string }
    await expect(client().download(file(), folder)).rejects.toMatchObject(broken)
    server.answerJson({}, 403)
    const refused = { code: 'bad-download', message: 'the link of the file answered HTTP 403' }
    await expect(client().download(file(), folder)).rejects.toMatchObject(refused)
    server.answerWith(() => undefined)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(client().download(file(), folder, { signal })).rejects.toThrow('enough')
  })

  test('asks the API for the link where the list has none', async () => {
    server.answerWith(({ url }, response) => {
      if (url === '/link') response.end('text')
      else response.writeHead(303, { location: '/link' }).end()
    })
    await client().download(file({ url: `/jobs/${ID}/artifacts?path=a` }), folder)
    expect(server.received.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      [`/jobs/${ID}/artifacts?path=a`, 'Bearer secret'],
      ['/link', undefined],
    ])
    server.answerJson({})
    const asked = client().download(file({ url: `/jobs/${ID}/artifacts?path=a` }), folder)
    await expect(asked).rejects.toThrow('the API gave no link for a/b.txt')
  })
})

describe('a result', () => {
  test('comes from where the API points to', async () => {
    server.answerWith(({ url }, response) => {
      if (url === '/link') response.writeHead(200, { 'content-type': 'image/png' }).end('bytes')
      else response.writeHead(303, { location: '/link', 'x-scalable-job-status': 'failed' }).end()
    })
    const { body, ...rest } = await client().result(ID)
    expect(rest).toEqual({ status: 'failed', contentType: 'image/png' })
    expect(body.toString()).toBe('bytes')
  })

  test('without a status is not an answer of this API', async () => {
    server.answerJson({})
    await expect(client().result(ID)).rejects.toMatchObject({ code: 'bad-answer' })
  })

  test('of a job that has not ended is not there', async () => {
    server.answerJson({ id: ID, status: 'running' }, 202)
    await expect(client().result(ID)).rejects.toMatchObject({ code: 'bad-answer' })
  })
})

describe('an upload', () => {
  const target = (maxBytes: number) => {
    return { inputKey: 'k', uploadUrl: '/put', expiresAt: '', maxBytes }
  }

  test('puts the bytes without a token, and gives the key', async () => {
    server.answerWith(({ method }, response) => {
      response.end(method === 'PUT' ? '' : JSON.stringify(target(4)))
    })
    expect(await client().upload(Buffer.from('text'))).toBe('k')
    const { method, url, body, headers } = server.received[1] ?? {}
    expect({ method, url, body }).toEqual({ method: 'PUT', url: '/put', body: 'text' })
    expect(headers?.authorization).toBeUndefined()
  })

  test('that is too large is not begun', async () => {
    server.answerJson(target(3))
    const error = { code: 'payload-too-large', fix: 'make the input smaller' }
    await expect(client().upload(Buffer.from('text'))).rejects.toMatchObject(error)
    expect(server.received).toHaveLength(1)
  })

  test('that is refused or breaks off says so', async () => {
    let answer: 'refuse' | 'break' = 'refuse'
    server.answerWith(({ method }, response) => {
      if (method !== 'PUT') response.end(JSON.stringify(target(4)))
      else if (answer === 'refuse') response.writeHead(403).end()
      else response.destroy()
    })
    await expect(client().upload(Buffer.from('text'))).rejects.toThrow('answered with HTTP 403')
    answer = 'break'
    await expect(client().upload(Buffer.from('text'))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('broke off') as string,
    })
  })
})
