import { afterEach, describe, expect, it } from 'vitest'
import {
  isOfThisBoot,
  isRunning,
  listByPs,
  parseProcessStat,
  readEnvironment,
  readProcess,
  readUsers,
} from '../../lib/processes/read-process.ts'
import { allProcesses, rowOf, Spawned } from './support/spawned.ts'

const spawned = new Spawned()
afterEach(() => spawned.endAll())

const NO_PID = 999_999_999
const stat = (name: string, state: string) => {
  return `4711 (${name}) ${state} 12 13 14 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2 3\n`
}

describe('what the system says about a process', () => {
  it.each(['sh', 'a) Z 1 (b', '((', ''])('is read whatever its name: %j', (name) => {
    const ids = { pid: 4711, parentPid: 12, groupPid: 13, sessionPid: 14 }
    expect(parseProcessStat(stat(name, 'S'), 'boot')).toEqual({ ...ids, start: 'boot:98765' })
  })

  it.each(['Z', 'X'])('is nothing once it has ended (%s)', (state) => {
    expect(parseProcessStat(stat('sh', state), 'boot')).toBeUndefined()
  })

  it('names its parent, its session and its start', async () => {
    const row = await spawned.shell('')
    expect(row).toMatchObject({ parentPid: process.pid, groupPid: row.pid, sessionPid: row.pid })
    expect(readProcess(row.pid)).toEqual(row)
    expect(isRunning(row)).toBe(true)
    expect(isRunning({ ...row, start: `${row.start}0` })).toBe(false)
    expect(isOfThisBoot(row)).toBe(true)
    expect(isOfThisBoot({ pid: row.pid, start: 'other:1' })).toBe(false)
  })

  it('names the variables it was started with, and its users', async () => {
    const { pid } = await spawned.shell('export LATER=1', { FIRST: 'a=b' })
    expect(readEnvironment(pid)).toContain('FIRST=a=b')
    expect(readUsers(pid)).toEqual(Array(4).fill(process.getuid?.()))
  })

  it('is nothing where there is none', () => {
    expect(readProcess(NO_PID)).toBeUndefined()
    expect(readEnvironment(NO_PID)).toEqual([''])
    expect(readUsers(NO_PID)).toEqual([])
  })
})

describe('a list of all processes', () => {
  it('has this one and one that was just started', async () => {
    const child = await spawned.shell('')
    const rows = allProcesses()
    expect(rows.find(({ pid }) => pid === child.pid)).toEqual(child)
    expect(rows.find(({ pid }) => pid === process.pid)).toEqual(rowOf(process.pid))
  })

  it('is the same from ps, where there is no /proc', async () => {
    const child = await spawned.shell('')
    const byPs = listByPs().find(({ pid }) => pid === child.pid)
    expect(byPs).toMatchObject({ parentPid: process.pid, groupPid: child.pid })
    expect(listByPs(child.pid)).toEqual([byPs])
    expect(listByPs(NO_PID)).toEqual([])
  })
})
