import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copyWorkerProgram, removeOtherPrograms } from '../../lib/local/programs/worker-program.ts'

describe('the worker that a service on one machine starts', () => {
  let parent: string
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'kept-program-'))
  })
  afterEach(() => rmSync(parent, { recursive: true }))

  it('stays where it is, and is not written again, while its sources stay as they are', () => {
    const first = copyWorkerProgram(parent)
    const before = statSync(first.main)
    expect(copyWorkerProgram(parent)).toEqual(first)
    const { ino, mtimeMs } = statSync(first.main)
    expect({ ino, mtimeMs }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs })
    expect(readdirSync(parent)).toEqual([basename(first.folder)])
  })

  it('is made anew where something has damaged it', () => {
    const { main } = copyWorkerProgram(parent)
    const sound = readFileSync(main)
    writeFileSync(main, 'damaged')
    expect(copyWorkerProgram(parent).main).toBe(main)
    expect(readFileSync(main)).toEqual(sound)
  })

  it('replaces that of another release, and what a killed start left', () => {
    for (const name of ['anotherRelease', 'unfinished-1']) {
      mkdirSync(join(parent, name))
      writeFileSync(join(parent, name, 'main.js'), '')
    }
    const program = copyWorkerProgram(parent)
    removeOtherPrograms(parent, program)
    expect(readdirSync(parent)).toEqual([basename(program.folder)])
  })
})
