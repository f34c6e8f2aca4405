import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { expect } from 'vitest'
import type { ByteRange, Files } from '../../lib/ports/files.ts'
import {
  type ContractOptions,
  defineContract,
  type OpenedPort,
  uniqueName,
} from './define-contract.ts'
import { FILE_LINK_PROMISES } from './files-link-promises.ts'
import { FILE_LIST_PROMISES } from './files-list-promises.ts'

/** What every file store promises (`lib/ports/files.ts`). Its links must be answered over HTTP. */
export function defineFilesContract(
  name: string,
  make: () => Promise<OpenedPort<Files>>,
  options?: ContractOptions,
): void {
  const promises = { ...FILE_PROMISES, ...FILE_LIST_PROMISES, ...FILE_LINK_PROMISES }
  defineContract({ name: 'files', adapter: name, make, options, promises })
}

const MIB = 1_048_576
const newKey = (): string => `${uniqueName('file')}/content`

async function readText(files: Files, key: string): Promise<string | undefined> {
  return (await files.read(key, MIB))?.toString()
}

async function readRange(files: Files, key: string, range: ByteRange): Promise<string | undefined> {
  const found = await files.stream(key, range)
  return found && text(found.body)
}

async function hash(body: Readable): Promise<string> {
  const sum = createHash('sha256')
  await pipeline(body, sum)
  return sum.digest('hex')
}

/** A file of this size with random content, for as long as `use` runs. */
async function withLocalFile(bytes: number, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'files-'))
  try {
    const path = join(folder, 'local')
    await writeFile(path, randomBytes(bytes))
    await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const FILE_PROMISES = {
  'an absent file is undefined': async (files: Files) => {
    const key = newKey()
    expect(await files.read(key, MIB)).toBeUndefined()
    expect(await files.info(key)).toBeUndefined()
    expect(await files.stream(key)).toBeUndefined()
    expect(await files.stream(key, { start: 0, end: 1 })).toBeUndefined()
  },

  'a text reads back as it was put, with what is known of it': async (files: Files) => {
    const key = newKey()
    const body = 'naïve 東京 🚂\r\n\u0000'
    const contentType = 'application/json; charset=utf-8'
    const putAtMs = Date.now()
    expect(await files.put({ key, body, contentType })).toBe('stored')
    expect(await readText(files, key)).toBe(body)
    const info = await files.info(key)
    expect(info).toMatchObject({ key, bytes: Buffer.byteLength(body), contentType })
    expect(Math.abs((info?.modifiedAtMs ?? 0) - putAtMs)).toBeLessThan(60_000)
    const streamed = await files.stream(key)
    expect(streamed?.info).toEqual(info)
    expect(streamed && (await text(streamed.body))).toBe(body)
  },

  'bytes read back as they were put': async (files: Files) => {
    const key = newKey()
    const body = Uint8Array.from({ length: 256 }, (_, at) => at)
    await files.put({ key, body })
    expect(await files.read(key, 256)).toEqual(Buffer.from(body))
  },

  'a file may be empty': async (files: Files) => {
    const key = newKey()
    await files.put({ key, body: '' })
    expect(await files.read(key, 0)).toEqual(Buffer.alloc(0))
    expect((await files.info(key))?.bytes).toBe(0)
    const streamed = await files.stream(key)
    expect(streamed && (await buffer(streamed.body))).toEqual(Buffer.alloc(0))
  },

  'a local file of any size is put and streamed whole': async (files: Files) => {
    const key = newKey()
    await withLocalFile(12 * MIB + 1, async (path) => {
      const body = { path }
      expect(await files.put({ key, body, contentType: 'application/x-model' })).toBe('stored')
      const streamed = await files.stream(key)
      expect(streamed?.info).toMatchObject({
        bytes: 12 * MIB + 1,
        contentType: 'application/x-model',
      })
      const local = await hash(createReadStream(path))
      expect(streamed && (await hash(streamed.body))).toBe(local)
    })
  },

  'putting a local file that is not there is an error and stores nothing': async (files: Files) => {
    const key = newKey()
    const body = { path: join(tmpdir(), uniqueName('absent')) }
    await expect(files.put({ key, body })).rejects.toBeInstanceOf(Error)
    expect(await files.info(key)).toBeUndefined()
  },

  'a put replaces what stood there, content and type': async (files: Files) => {
    const key = newKey()
    await files.put({ key, body: 'a longer first version', contentType: 'text/plain' })
    expect(await files.put({ key, body: 'second', contentType: 'text/csv' })).toBe('stored')
    expect(await readText(files, key)).toBe('second')
    expect(await files.info(key)).toMatchObject({ bytes: 6, contentType: 'text/csv' })
    expect((await files.list(key, { limit: 10 })).files).toHaveLength(1)
  },

  'nobody reads half a put': async (files: Files) => {
    const key = newKey()
    const versions = ['a', 'b', 'c'].map((letter, at) => letter.repeat(200_000 + at))
    await files.put({ key, body: versions[0] ?? '' })
    const writing = Promise.all(versions.map((body) => files.put({ key, body })))
    for (let reads = 0; reads < 20; reads += 1) {
      expect(versions.includes((await readText(files, key)) ?? '')).toBe(true)
    }
    await writing
    expect(versions.includes((await readText(files, key)) ?? '')).toBe(true)
  },

  'a put that must not replace keeps what stands': async (files: Files) => {
    const key = newKey()
    expect(await files.put({ key, body: 'first', ifAbsent: true })).toBe('stored')
    expect(await files.put({ key, body: 'second', ifAbsent: true })).toBe('exists')
    expect(await readText(files, key)).toBe('first')
    await files.delete([key])
    expect(await files.put({ key, body: 'third', ifAbsent: true })).toBe('stored')
  },

  'of many that put one key without replacing exactly one wins': async (files: Files) => {
    const key = newKey()
    const racers = Array.from({ length: 10 }, (_, by) =>
      files.put({ key, body: `racer ${by}`, ifAbsent: true }),
    )
    const answers = await Promise.all(racers)
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
    expect(await readText(files, key)).toBe(`racer ${answers.indexOf('stored')}`)
  },

  'a range brings its bytes, the last one included': async (files: Files) => {
    const key = newKey()
    await files.put({ key, body: '0123456789' })
    expect(await readRange(files, key, { start: 0, end: 0 })).toBe('0')
    expect(await readRange(files, key, { start: 2, end: 5 })).toBe('2345')
    expect(await readRange(files, key, { start: 7 })).toBe('789')
    expect(await readRange(files, key, { start: 9, end: 9 })).toBe('9')
    expect(await readRange(files, key, { start: 8, end: 100 })).toBe('89')
    const streamed = await files.stream(key, { start: 2, end: 5 })
    expect(streamed?.info.bytes).toBe(10)
    streamed?.body.destroy()
  },

  'reading more than allowed is an error': async (files: Files) => {
    const key = newKey()
    await files.put({ key, body: '0123456789' })
    await expect(files.read(key, 9)).rejects.toBeInstanceOf(Error)
    expect(await files.read(key, 10)).toHaveLength(10)
  },

  'deleting removes these files and no others': async (files: Files) => {
    const prefix = uniqueName('delete')
    const keys = ['one', 'two', 'three'].map((name) => `${prefix}/${name}`)
    for (const key of keys) await files.put({ key, body: key })
    await files.delete(keys.slice(0, 2))
    const { files: left } = await files.list(`${prefix}/`, { limit: 10 })
    expect(left.map(({ key }) => key)).toEqual(keys.slice(2))
    expect(await files.info(`${prefix}/one`)).toBeUndefined()
  },

  'deleting thousands of keys, absent or not, is no error': async (files: Files) => {
    const prefix = uniqueName('thousands')
    const keys = Array.from({ length: 2_100 }, (_, at) => `${prefix}/${at}`)
    const standing = [`${prefix}/0`, `${prefix}/1050`, `${prefix}/2099`]
    for (const key of standing) await files.put({ key, body: '' })
    await files.delete(keys)
    expect(await files.list(`${prefix}/`, { limit: 10 })).toEqual({ files: [] })
    await files.delete([])
  },
}
