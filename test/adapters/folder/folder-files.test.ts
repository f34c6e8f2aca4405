import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTemporary, type TemporaryStores } from '../sqlite/open-temporary.ts'

const DAY_SECONDS = 86_400

describe('files in a folder', () => {
  let stores: TemporaryStores
  const onDisk = (...parts: string[]): string => join(stores.stateDir, ...parts)

  beforeEach(async () => {
    stores = await openTemporary()
  })
  afterEach(() => stores.close())

  test('lie where their keys say, for people to find', async () => {
    await stores.files.put({ key: 'jobs/1/1/artifacts/model.bin', body: 'weights' })
    const path = onDisk('files', 'jobs', '1', '1', 'artifacts', 'model.bin')
    expect(await readFile(path, 'utf8')).toBe('weights')
    expect(await readdir(onDisk('files-incoming'))).toEqual([])
  })

  test('lie nearby, or elsewhere, where the disk has no room for the name', async () => {
    await stores.files.put({ key: 'a', body: 'file' })
    await stores.files.put({ key: 'a/b', body: 'below a file' })
    await stores.files.put({ key: 'c/d', body: 'file' })
    await stores.files.put({ key: 'c', body: 'where a folder is' })
    expect(await readFile(onDisk('files', 'a'), 'utf8')).toBe('file')
    expect(await readFile(onDisk('files', 'c', 'd'), 'utf8')).toBe('file')
    const names = (await readdir(onDisk('files'))).toSorted()
    expect(names).toEqual(['a', 'c', expect.stringMatching(/^c~/)])
    expect(await readdir(onDisk('files-displaced'))).toHaveLength(1)
  })

  test('leave neither bytes nor empty folders behind when they are deleted', async () => {
    const keys = ['jobs/1/1/logs/0', 'jobs/1/1/logs/1', 'jobs/2/input', 'jobs/3', 'jobs/3/x']
    for (const key of keys) await stores.files.put({ key, body: key })
    await stores.files.put({ key: 'jobs/2/input', body: 'again' })
    expect(await readdir(onDisk('files', 'jobs', '2'))).toEqual([expect.stringMatching(/^input~/)])
    expect(await readdir(onDisk('files-displaced'))).toHaveLength(1)
    await stores.files.delete(keys.slice(0, 2))
    expect(await readdir(onDisk('files'))).toEqual(['jobs'])
    await stores.files.delete(keys)
    expect(await readdir(onDisk('files'))).toEqual([])
    expect(await readdir(onDisk('files-displaced'))).toEqual([])
  })

  test('stay readable to who is reading while they are replaced or deleted', async () => {
    const key = 'jobs/1/result'
    await stores.files.put({ key, body: 'first' })
    const replaced = await stores.files.stream(key)
    await stores.files.put({ key, body: 'second' })
    const deleted = await stores.files.stream(key)
    await stores.files.delete([key])
    expect(replaced && (await text(replaced.body))).toBe('first')
    expect(deleted && (await text(deleted.body))).toBe('second')
    expect(await stores.files.stream(key)).toBeUndefined()
  })

  test('are put and deleted in one folder by many at once', async () => {
    const rounds = Array.from({ length: 40 }, async (_, at) => {
      const key = `shared/folder/${at % 4}`
      await stores.files.put({ key, body: key })
      await stores.files.delete([key])
    })
    await Promise.all(rounds)
    expect(await stores.files.list('', { limit: 10 })).toEqual({ files: [] })
    expect(await readdir(onDisk('files'))).toEqual([])
  })

  test('keep out keys that climb, in every call that makes something', async () => {
    const keys = [
      '../x',
      'a/../../x',
      '/etc/x',
      'a//b',
      'a/',
      './a',
      '',
      'a\\b',
      'a\u0000b',
      '\ud800',
    ]
    for (const key of keys) {
      await expect(stores.files.put({ key, body: 'x' })).rejects.toThrow('is not allowed')
    }
    await expect(stores.files.put({ key: 'x'.repeat(1_025), body: '' })).rejects.toThrow('allowed')
    expect(await stores.files.list('', { limit: 10 })).toEqual({ files: [] })
  })

  test('are not read or written through links that lead out', async () => {
    const outside = onDisk('..', `outside-${process.pid}-${Date.now()}`)
    await mkdir(outside)
    try {
      await mkdir(onDisk('files'))
      await symlink(outside, onDisk('files', 'out'))
      await expect(stores.files.put({ key: 'out/x', body: 'x' })).rejects.toThrow('leads out')
      expect(await readdir(outside)).toEqual([])
      await stores.files.put({ key: 'in/x', body: 'x' })
      await writeFile(join(outside, 'secret'), 'secret')
      await rm(onDisk('files', 'in', 'x'))
      await symlink(join(outside, 'secret'), onDisk('files', 'in', 'x'))
      await expect(stores.files.read('in/x', 100)).rejects.toThrow('files did not answer')
    } finally {
      await rm(outside, { recursive: true })
    }
  })

  test('are readable to their owner only, whatever the mode of a local file', async () => {
    const path = onDisk('local')
    await writeFile(path, 'x', { mode: 0o444 })
    await stores.files.put({ key: 'copied', body: { path } })
    expect((await stat(onDisk('files', 'copied'))).mode & 0o777).toBe(0o600)
  })

  test('take no local folder for a file', async () => {
    const body = { path: stores.stateDir }
    await expect(stores.files.put({ key: 'folder', body })).rejects.toThrow('not a plain file')
  })

  test('that a killed process left half written go after a day', async () => {
    await mkdir(onDisk('files-incoming'))
    const [stale, fresh] = [onDisk('files-incoming', 'stale'), onDisk('files-incoming', 'fresh')]
    await writeFile(stale, 'half')
    await writeFile(fresh, 'half')
    const longAgo = Date.now() / 1_000 - 2 * DAY_SECONDS
    await utimes(stale, longAgo, longAgo)
    await stores.files.put({ key: 'any', body: 'x' })
    expect(await readdir(onDisk('files-incoming'))).toEqual(['fresh'])
  })

  test('give no links where no address was told', async () => {
    await expect(stores.files.downloadLink('a', 60)).rejects.toThrow('without `links`')
  })
})
