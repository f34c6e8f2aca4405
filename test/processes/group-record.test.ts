import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  GroupRecord,
  makeRecordFolder,
  parseRecordLines,
  readRecordFolder,
  removeRecordFolder,
} from '../../lib/processes/group-record.ts'

const LEADER = { pid: 4711, start: 'boot:1' }

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'record-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the record of a group', () => {
  it('names each process once, the leader first', () => {
    const file = join(folder, 'group')
    const record = new GroupRecord(file)
    record.addLeader(LEADER)
    const left = { pid: 4712, start: 'boot:2' }
    record.add([left])
    record.add([left, { pid: 4713, start: 'boot:3' }])
    expect(readFileSync(file, 'latin1')).toBe('4711 boot:1\n4712 boot:2\n4713 boot:3\n')
    expect(record.read()).toEqual([LEADER, left, { pid: 4713, start: 'boot:3' }])
  })

  it('names a pid again that another process has by now', () => {
    const record = new GroupRecord(join(folder, 'group'))
    record.add([{ pid: 4712, start: 'boot:2' }])
    record.add([{ pid: 4712, start: 'boot:9' }])
    expect(record.read().map(({ start }) => start)).toEqual(['boot:2', 'boot:9'])
  })

  it('stays small however many short-lived processes leave the group', () => {
    const file = join(folder, 'group')
    const record = new GroupRecord(file)
    record.addLeader(LEADER)
    for (let pid = 100_000; pid < 200_000; pid += 100) {
      const members = Array.from({ length: 100 }, (_, index) => {
        return { pid: pid + index, start: `boot:${pid}` }
      })
      record.add(members)
    }
    const text = readFileSync(file, 'latin1')
    expect(text.length).toBeLessThanOrEqual(1_048_576)
    expect(text).toContain('4711 boot:1\n')
    expect(parseRecordLines(text).map(({ pid }) => pid)).toContain(199_999)
    expect(readdirSync(folder)).toEqual(['group'])
  })

  it('goes with the group, and names nobody then', () => {
    const record = new GroupRecord(join(folder, 'group'))
    record.addLeader(LEADER)
    record.remove()
    expect(readdirSync(folder)).toEqual([])
    expect(record.read()).toEqual([])
    record.remove()
  })

  it('is kept nowhere where nobody reads it', () => {
    const record = new GroupRecord(undefined)
    record.addLeader(LEADER)
    record.remove()
    expect(record.read()).toEqual([])
  })
})

describe('the records of a task', () => {
  it('are read together, whichever guard wrote them', async () => {
    const groups = join(folder, 'task')
    makeRecordFolder(groups)
    writeFileSync(join(groups, 'one'), '11 boot:1\n')
    writeFileSync(join(groups, 'two'), '12 boot:2\n13 boo')
    const read = await readRecordFolder(groups)
    expect(new Set(read.map(({ pid }) => pid))).toEqual(new Set([11, 12]))
    await removeRecordFolder(groups)
    expect(readdirSync(folder)).toEqual([])
  })

  it('name nobody where no guard ever ran', async () => {
    expect(await readRecordFolder(join(folder, 'nothing'))).toEqual([])
  })

  it('that cannot be read are a fault, and not an empty group', async () => {
    mkdirSync(join(folder, 'task', 'not-a-file'), { recursive: true })
    await expect(readRecordFolder(join(folder, 'task'))).rejects.toMatchObject({ code: 'EISDIR' })
  })
})
