import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { partBytesOf } from '../../../lib/adapters/aws/s3/s3-put-parts.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { type Reply, xmlError } from './scripted-server.ts'
import { scriptedFiles } from './scripted-stores.ts'

const scripted = scriptedFiles()

const MODIFIED = 'Wed, 21 Oct 2026 07:28:00 GMT'

function object(body: string, headers: Record<string, string> = {}): Reply {
  const length = String(Buffer.byteLength(body))
  return {
    status: 200,
    body,
    headers: { 'content-length': length, 'last-modified': MODIFIED, ...headers },
  }
}

function askedFor(index = 0): URL {
  return new URL(scripted.received()[index]?.path ?? '', 'http://s3')
}

describe('a file that is read', () => {
  test('comes whole where it is as large as allowed', async () => {
    const files = await scripted.open(() => object('0123'))
    expect(String(await files.read('key', 4))).toBe('0123')
  })

  test('is refused where it is a byte larger', async () => {
    const files = await scripted.open(() => object('01234'))
    await expect(files.read('key', 4)).rejects.toThrow(/5 bytes; at most 4/)
  })

  test('is absent where S3 knows no such key', async () => {
    const files = await scripted.open(() => xmlError('NoSuchKey', 404))
    expect(await files.read('key', 4)).toBeUndefined()
    expect(await files.info('key')).toBeUndefined()
    expect(await files.stream('key')).toBeUndefined()
  })

  test('in a range says how large the whole is', async () => {
    const headers = { 'content-range': 'bytes 2-3/10', 'content-type': 'text/plain' }
    const files = await scripted.open(() => object('23', headers))
    const found = await files.stream('key', { start: 2, end: 3 })
    expect(String(found && (await buffer(found.body)))).toBe('23')
    const modifiedAtMs = Date.parse(MODIFIED)
    expect(found?.info).toEqual({ key: 'key', bytes: 10, contentType: 'text/plain', modifiedAtMs })
    expect(scripted.received()[0]?.headers.range).toBe('bytes=2-3')
  })

  test('to its end is asked for without an end', async () => {
    const files = await scripted.open(() => object('23'))
    const found = await files.stream('key', { start: 2 })
    expect(found && (await buffer(found.body))).toHaveLength(2)
    expect(scripted.received()[0]?.headers.range).toBe('bytes=2-')
  })
})

test('a list is asked for behind its last file, and says what follows', async () => {
  const contents = `<Contents><Key>b</Key><Size>3</Size><LastModified>2026-10-21T07:28:00.900Z</LastModified></Contents>`
  const files = await scripted.open((_, count) => ({
    status: 200,
    body: `<ListBucketResult><IsTruncated>${count === 1}</IsTruncated>${contents}</ListBucketResult>`,
  }))
  const first = await files.list('jobs/', { limit: 1, after: 'a' })
  const modifiedAtMs = Date.parse(MODIFIED)
  expect(first).toEqual({ files: [{ key: 'b', bytes: 3, modifiedAtMs }], next: 'b' })
  expect((await files.list('jobs/', { limit: 1 })).next).toBeUndefined()
  expect(Object.fromEntries(askedFor().searchParams)).toMatchObject({
    prefix: 'jobs/',
    'max-keys': '1',
    'start-after': 'a',
  })
  expect(askedFor(1).searchParams.has('start-after')).toBe(false)
})

describe('files that are deleted', () => {
  const deleted: Reply = { status: 200, body: '<DeleteResult></DeleteResult>' }

  test('are named a thousand at a time', async () => {
    const files = await scripted.open(() => deleted)
    await files.delete(Array.from({ length: 1001 }, (_, index) => `key-${index}`))
    const counts = scripted.received().map(({ body }) => String(body).match(/<Key>/g)?.length)
    expect(counts).toEqual([1000, 1])
  })

  test('and that S3 never deletes are an error after five tries', async () => {
    const error = '<Error><Key>a</Key><Code>InternalError</Code><Message>m</Message></Error>'
    const body = `<DeleteResult>${error}</DeleteResult>`
    const files = await scripted.open(() => ({ status: 200, body }))
    await expect(files.delete(['a'])).rejects.toBeInstanceOf(PortUnavailable)
    expect(scripted.received()).toHaveLength(5)
  })
})

describe('a file that is put', () => {
  test('goes with its type and length, and with no condition unless one is asked for', async () => {
    const files = await scripted.open(() => ({ status: 200, body: '' }))
    await files.put({ key: 'key', body: 'ä', contentType: 'text/plain' })
    await files.put({ key: 'key', body: '', ifAbsent: true })
    const [first, second] = scripted.received().map(({ headers }) => headers)
    expect(first).toMatchObject({ 'content-type': 'text/plain' })
    expect(first).not.toHaveProperty('if-none-match')
    expect(first?.['x-amz-meta-put-token']).not.toBe(second?.['x-amz-meta-put-token'])
    expect(second).toMatchObject({ 'if-none-match': '*' })
  })

  test('is given up when S3 cannot decide four times', async () => {
    const files = await scripted.open(() => xmlError('ConditionalRequestConflict', 409))
    const put = files.put({ key: 'key', body: 'x', ifAbsent: true })
    await expect(put).rejects.toBeInstanceOf(PortUnavailable)
    expect(scripted.received().filter(({ method }) => method === 'PUT')).toHaveLength(4)
  })

  test('exists where another put wrote it', async () => {
    const files = await scripted.open(({ method }) =>
      method === 'HEAD'
        ? object('', { 'x-amz-meta-put-token': 'of another' })
        : xmlError('PreconditionFailed', 412),
    )
    expect(await files.put({ key: 'key', body: 'x', ifAbsent: true })).toBe('exists')
  })

  test.each(['', '../up', '/root'])(
    'under the key "%s" is refused, and nothing is sent',
    async (key) => {
      const files = await scripted.open(() => ({ status: 200, body: '' }))
      await expect(files.put({ key, body: 'x' })).rejects.toThrow(/is not allowed/)
      expect(scripted.received()).toHaveLength(0)
    },
  )
})

test.each([
  [9_000_000, 2],
  [83_886_080_000, 10_000],
  [500_000_000_000, 10_000],
])('a file of %i bytes goes in %i parts, never in more than S3 takes', (bytes, parts) => {
  expect(Math.ceil(bytes / partBytesOf(bytes))).toBe(parts)
})

describe('a link', () => {
  test('to a download lives as long as asked, and names the file in any letters', async () => {
    const files = await scripted.open(() => ({ status: 200, body: '' }))
    const link = new URL(await files.downloadLink("jobs/Größe (1)'s.txt", 60))
    expect(link.searchParams.get('X-Amz-Expires')).toBe('60')
    expect(link.searchParams.get('response-content-disposition')).toBe(
      "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%281%29%27s.txt",
    )
  })

  test('for an upload binds no checksum', async () => {
    const files = await scripted.open(() => ({ status: 200, body: '' }))
    const link = new URL(await files.uploadLink('key', 60, 100))
    expect([...link.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([])
  })

  test.each([0, 604_801])('of %s seconds is refused', async (seconds) => {
    const files = await scripted.open(() => ({ status: 200, body: '' }))
    await expect(files.downloadLink('key', seconds)).rejects.toThrow(RangeError)
    await expect(files.uploadLink('key', seconds, 1)).rejects.toThrow(RangeError)
  })

  test('of a week is the longest', async () => {
    const files = await scripted.open(() => ({ status: 200, body: '' }))
    expect(await files.downloadLink('key', 604_800)).toContain('X-Amz-Expires=604800')
  })
})
