import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Files } from '../../../lib/ports/files.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { uploadStableFile } from '../../../worker/checkpoints/upload-stable-file.ts'
import { openFiles } from '../support/open-files.ts'

const NOW = { path: 'state', key: 'k' }

describe('a file of a checkpoint', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checkpoint-'))
    await writeFile(join(folder, 'state'), 'one')
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  const upload = (put: () => Promise<unknown>) =>
    uploadStableFile({ put } as unknown as Files, { folder, ...NOW }, () => Date.now())

  it('is closed again, however the upload ended', async () => {
    const path = join(await realpath(folder), 'state')
    await upload(() => Promise.resolve())
    expect(openFiles()).not.toContain(path)
    const away = new PortUnavailable('files', 'put', 'test')
    await expect(upload(() => Promise.reject(away))).rejects.toThrow('files')
    expect(openFiles()).not.toContain(path)
  })

  it('counts where it stood still', async () => {
    const copy = await upload(() => Promise.resolve())
    expect(copy?.scanned.bytes).toBe(3)
    expect(copy?.sha256).toBe('7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed')
  })

  it('does not count where it changed while it was stored, also by a byte of the same size', async () => {
    expect(await upload(() => writeFile(join(folder, 'state'), 'two'))).toBeUndefined()
    expect(await upload(() => writeFile(join(folder, 'state'), 'longer'))).toBeUndefined()
  })

  it('that vanished is no fault of the store', async () => {
    const gone = upload(async () => {
      await rm(join(folder, 'state'))
      throw new Error('ENOENT')
    })
    expect(await gone).toBeUndefined()
    expect(await upload(() => Promise.resolve())).toBeUndefined()
  })
})
