import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { uniqueName } from '../../contracts/define-contract.ts'
import { type Emulator, hasEmulators, startEmulator } from './emulator.ts'
import { forward, type Received, type Reply, xmlError } from './scripted-server.ts'
import { scriptedFiles } from './scripted-stores.ts'

const scripted = scriptedFiles()

const OK: Reply = { status: 200, body: '' }

describe('a file store out of reach is said to be so, and never empty', () => {
  test.each([
    ['server faults', xmlError('InternalError', 500)],
    ['asks to slow down', xmlError('SlowDown', 503)],
    ['denies access', xmlError('AccessDenied', 403)],
    ['knows no such bucket', xmlError('NoSuchBucket', 404)],
    ['drops connections', 'drop'],
    ['hangs', 'hang'],
    ['stalls', 'stall'],
  ] satisfies [string, Reply][])('while S3 %s', async (_, reply) => {
    const opened = await scripted.open(() => reply)
    await expect(opened.read('key', 10_000)).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('while it lists and deletes', async () => {
    const opened = await scripted.open(() => xmlError('InternalError', 500))
    await expect(opened.list('', { limit: 1 })).rejects.toBeInstanceOf(PortUnavailable)
    await expect(opened.delete(['key'])).rejects.toBeInstanceOf(PortUnavailable)
    await expect(opened.put({ key: 'key', body: 'x' })).rejects.toBeInstanceOf(PortUnavailable)
  })
})

test('a put that meets another put of its key is repeated until S3 decides', async () => {
  const opened = await scripted.open((_, count) =>
    count < 3 ? xmlError('ConditionalRequestConflict', 409) : OK,
  )
  expect(await opened.put({ key: 'key', body: 'x', ifAbsent: true })).toBe('stored')
})

test('keys that S3 could not delete are asked for again', async () => {
  const errors = '<Error><Key>b</Key><Code>InternalError</Code><Message>m</Message></Error>'
  const opened = await scripted.open((_, count) => ({
    status: 200,
    body: `<DeleteResult>${count === 1 ? errors : ''}</DeleteResult>`,
  }))
  await opened.delete(['a', 'b', 'c'])
  const asked = scripted
    .received()
    .map(({ body }) => [...String(body).matchAll(/<Key>(\w)<\/Key>/g)].map(([, key]) => key))
  expect(asked).toEqual([['a', 'b', 'c'], ['b']])
})

describe.skipIf(!hasEmulators)('a put in front of a real store', () => {
  let emulator: Emulator
  let folder: string
  beforeAll(async () => {
    emulator = await startEmulator('moto')
    const client = new S3Client({ region: 'us-east-1', endpoint: emulator.endpoint })
    await client.send(new CreateBucketCommand({ Bucket: 'files' }))
    client.destroy()
  })
  afterAll(() => emulator.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-faults-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** Loses the answer to the first of the requests that match. */
  function losing(matches: (request: Received) => boolean) {
    let lost = false
    return async (request: Received): Promise<Reply> => {
      const reply = await forward(emulator.endpoint, request)
      if (lost || !matches(request)) return reply
      lost = true
      return 'drop'
    }
  }

  test('whose answer is lost counts as stored, and not as somebody else’s', async () => {
    const opened = await scripted.open(losing(({ method }) => method === 'PUT'))
    const file = { key: uniqueName('lost'), body: 'mine', ifAbsent: true }
    expect(await opened.put(file)).toBe('stored')
    expect(await opened.put({ ...file, body: 'other' })).toBe('exists')
    expect(String(await opened.read(file.key, 100))).toBe('mine')
  })

  test('in parts, whose last answer is lost, counts as stored', async () => {
    const isComplete = ({ method, path }: Received) => method === 'POST' && /uploadId=/.test(path)
    const opened = await scripted.open(losing(isComplete))
    const path = join(folder, 'large')
    await writeFile(path, Buffer.alloc(9_000_000, 7))
    const key = uniqueName('parts')
    expect(await opened.put({ key, body: { path } })).toBe('stored')
    expect((await opened.info(key))?.bytes).toBe(9_000_000)
  })

  test('in parts, of which one fails, stores nothing and leaves no parts', async () => {
    const isPart = ({ path }: Received) => /partNumber=2/.test(path)
    const opened = await scripted.open((request) =>
      isPart(request) ? xmlError('InternalError', 500) : forward(emulator.endpoint, request),
    )
    const path = join(folder, 'large')
    await writeFile(path, Buffer.alloc(9_000_000, 7))
    const key = uniqueName('failed')
    await expect(opened.put({ key, body: { path } })).rejects.toBeInstanceOf(PortUnavailable)
    expect(await opened.info(key)).toBeUndefined()
    expect(scripted.received().some(({ method }) => method === 'DELETE')).toBe(true)
  })

  test('that must not replace refuses a large file too', async () => {
    const opened = await scripted.open((request) => forward(emulator.endpoint, request))
    const path = join(folder, 'large')
    await writeFile(path, Buffer.alloc(9_000_000, 7))
    const key = uniqueName('taken')
    await opened.put({ key, body: 'first' })
    expect(await opened.put({ key, body: { path }, ifAbsent: true })).toBe('exists')
    expect(String(await opened.read(key, 100))).toBe('first')
  })

  test('a range behind the end of a file is empty', async () => {
    const opened = await scripted.open((request) => forward(emulator.endpoint, request))
    const key = uniqueName('short')
    await opened.put({ key, body: '0123' })
    const found = await opened.stream(key, { start: 4 })
    expect(found?.info.bytes).toBe(4)
    expect(found && (await buffer(found.body))).toHaveLength(0)
  })
})
