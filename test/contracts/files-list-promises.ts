import { expect } from 'vitest'
import type { Files } from '../../lib/ports/files.ts'
import { uniqueName } from './define-contract.ts'

async function putAll(files: Files, keys: readonly string[]): Promise<void> {
  for (const key of keys) await files.put({ key, body: key })
}

/** Every key below a prefix, page by page. */
async function listAll(files: Files, prefix: string, limit = 1_000): Promise<string[]> {
  const keys: string[] = []
  let after: string | undefined
  do {
    const page = await files.list(prefix, { limit, ...(after !== undefined && { after }) })
    expect(page.files.length).toBeLessThanOrEqual(limit)
    keys.push(...page.files.map(({ key }) => key))
    after = page.next
  } while (after !== undefined)
  return keys
}

function inByteOrder(keys: readonly string[]): string[] {
  return keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}

/** Checks that each of these keys is a file of its own. */
async function expectAllApart(files: Files, keys: readonly string[]): Promise<void> {
  for (const key of keys) expect((await files.read(key, 10_000))?.toString()).toBe(key)
}

export const FILE_LIST_PROMISES = {
  'a list is empty where nothing was put': async (files: Files) => {
    expect(await files.list(`${uniqueName('empty')}/`, { limit: 10 })).toEqual({ files: [] })
  },

  'a list shows a file as soon as its put has answered': async (files: Files) => {
    const prefix = `${uniqueName('fresh')}/`
    for (let at = 0; at < 5; at += 1) {
      await putAll(files, [`${prefix}${at}`])
      expect(await listAll(files, prefix)).toHaveLength(at + 1)
    }
  },

  'a list tells the size and time of each file': async (files: Files) => {
    const key = `${uniqueName('known')}/file`
    await files.put({ key, body: '12345', contentType: 'text/plain' })
    const info = await files.info(key)
    const { files: listed } = await files.list(key, { limit: 10 })
    expect(listed).toHaveLength(1)
    expect(listed[0]).toMatchObject({ key, bytes: 5, modifiedAtMs: info?.modifiedAtMs })
  },

  'a list is in the order of the keys as UTF-8 text, folders included': async (files: Files) => {
    const prefix = `${uniqueName('order')}/`
    const names = [
      'a',
      'a!',
      'a-b',
      'a.b',
      'a/b',
      'a/b/c',
      'a/b.c',
      'a0',
      'A',
      'Z/z',
      'é',
      '～',
      '🚂',
    ]
    const keys = names.map((name) => prefix + name)
    await putAll(files, keys)
    expect(await listAll(files, prefix)).toEqual(inByteOrder(keys))
  },

  'a prefix is text and not a folder': async (files: Files) => {
    const name = uniqueName('prefix')
    await putAll(files, [`${name}/1/a`, `${name}/10/a`, `${name}/2/a`, `${name}x/1`])
    expect(await listAll(files, `${name}/1`)).toEqual([`${name}/1/a`, `${name}/10/a`])
    expect(await listAll(files, `${name}/1/`)).toEqual([`${name}/1/a`])
    expect(await listAll(files, `${name}/2/a`)).toEqual([`${name}/2/a`])
    expect(await listAll(files, name)).toHaveLength(4)
  },

  'pages bring every file once and in order': async (files: Files) => {
    const prefix = `${uniqueName('pages')}/`
    const names = ['a', 'a/1', 'a/2', 'a0', 'b/1', 'b/1/1', 'c']
    const keys = inByteOrder(names.map((name) => prefix + name))
    await putAll(files, keys)
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      expect(await listAll(files, prefix, limit)).toEqual(keys)
    }
  },

  'a file and files below its name stand side by side': async (files: Files) => {
    const name = uniqueName('both')
    const keys = [name, `${name}/b`, `${name}/b/c`, `${name}/b/c/d`]
    await putAll(files, keys)
    await expectAllApart(files, keys)
    await files.delete([`${name}/b`])
    await expectAllApart(files, [name, `${name}/b/c`, `${name}/b/c/d`])
    await putAll(files, [`${name}/b`])
    await files.delete([name])
    expect(await listAll(files, name)).toEqual(keys.slice(1))
  },

  'the order in which a file and files below it come does not matter': async (files: Files) => {
    const name = uniqueName('reverse')
    const keys = [`${name}/b/c/d`, `${name}/b/c`, `${name}/b`, name]
    await putAll(files, keys)
    await expectAllApart(files, keys)
    expect(await listAll(files, name)).toEqual(keys.toReversed())
  },

  'keys that differ only in case or in how an accent is written are different files': async (
    files: Files,
  ) => {
    const prefix = `${uniqueName('case')}/`
    const keys = ['model', 'Model', 'MODEL', 'caf\u00e9', 'cafe\u0301'].map((name) => prefix + name)
    await putAll(files, keys)
    await expectAllApart(files, keys)
    expect(await listAll(files, prefix)).toEqual(inByteOrder(keys))
  },

  'odd names are kept': async (files: Files) => {
    const prefix = `${uniqueName('odd')}/`
    const names = [
      '.hidden',
      '...',
      'with space',
      'plus+plus',
      '100%',
      '%2e%2e%2f',
      'question?mark&amp=#hash',
      `"double" 'single' (round) [square] {curly}`,
      '<tag>;$(command)`tick`|pipe',
      'colon:star*',
      'trailing.',
      '~tilde',
      '東京/🚂.txt',
      'x'.repeat(300),
      `${'deep/'.repeat(40)}file`,
    ]
    const keys = names.map((name) => prefix + name)
    await putAll(files, keys)
    await expectAllApart(files, keys)
    expect(await listAll(files, prefix)).toEqual(inByteOrder(keys))
    await files.delete(keys)
    expect(await listAll(files, prefix)).toEqual([])
  },
}
