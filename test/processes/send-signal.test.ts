import { globSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { isRunning, type ProcessIdentity, readProcess } from '../../lib/processes/read-process.ts'
import { sendSignal, sendToGroup } from '../../lib/processes/send-signal.ts'
import { waitFor } from '../support/wait-for.ts'
import { rowOf, Spawned } from './support/spawned.ts'

const spawned = new Spawned()
afterEach(() => spawned.endAll())

/** A mistake elsewhere: whatever is asked about is said to belong to the group. */
const ALL_PROVEN = { isProven: () => true }

/** Does nothing to a process that runs, so that a check that fails here does no harm. */
const HARMLESS = 'SIGCONT'

describe('a signal to a process', () => {
  it('reaches one that is proven to belong to the group', async () => {
    const target = await spawned.shell('')
    const proof = { isProven: ({ pid }: ProcessIdentity) => pid === target.pid }
    expect(sendSignal(target, 'SIGKILL', proof)).toBe(true)
    await waitFor('the end', () => !isRunning(target))
  })

  it('does not reach one that is not proven', async () => {
    const stranger = await spawned.shell('')
    expect(sendSignal(stranger, 'SIGKILL', { isProven: () => false })).toBe(false)
    expect(isRunning(stranger)).toBe(true)
  })

  it('does not reach another process that has the pid by now', async () => {
    const stranger = await spawned.shell('')
    const before = { pid: stranger.pid, start: `${stranger.start}0` }
    expect(sendSignal(before, 'SIGKILL', ALL_PROVEN)).toBe(false)
    expect(isRunning(stranger)).toBe(true)
  })

  it('is not sent to a process that is gone', async () => {
    const target = await spawned.shell('')
    await spawned.endAll()
    expect(sendSignal(target, 'SIGKILL', ALL_PROVEN)).toBe(false)
  })

  it.each([
    ['the first process of the machine', () => rowOf(1)],
    ['this process', () => rowOf(process.pid)],
    ['the parent of this process', () => rowOf(process.ppid)],
    ['what that was started by', () => rowOf(rowOf(process.ppid).parentPid || 1)],
    ['its own group, named 0', () => ({ pid: 0, start: rowOf(process.pid).start })],
    ['every process, named -1', () => ({ pid: -1, start: rowOf(process.pid).start })],
    ['no number', () => ({ pid: Number.NaN, start: '' })],
  ])('is never sent to %s, whatever is said of it', (_name, target) => {
    expect(sendSignal(target(), HARMLESS, ALL_PROVEN)).toBe(false)
  })

  it('is not sent to the group of a process by a negative pid', async () => {
    const { pid, start } = await spawned.shell('')
    expect(sendSignal({ pid: -pid, start }, HARMLESS, ALL_PROVEN)).toBe(false)
  })
})

describe('a signal to a whole group', () => {
  /** A leader, and a child in its group. */
  async function startGroup() {
    const leader = await spawned.shell('sleep 600 & echo $!')
    const children = await waitFor('the child', () => {
      const all = readChildren(leader.pid)
      return all.length > 0 && all
    })
    return [leader, ...children]
  }

  it('reaches all of it in one step', async () => {
    const group = await startGroup()
    expect(sendToGroup(group, 'SIGKILL', ALL_PROVEN)).toBe(true)
    await waitFor('their end', () => !group.some(isRunning))
  })

  it('is not sent while one of them is not proven', async () => {
    const group = await startGroup()
    const proof = { isProven: ({ pid }: ProcessIdentity) => pid !== group.at(-1)?.pid }
    expect(sendToGroup(group, 'SIGKILL', proof)).toBe(false)
    expect(group.every(isRunning)).toBe(true)
  })

  it('is not sent to processes of several groups', async () => {
    const [one, other] = [await spawned.shell(''), await spawned.shell('')]
    expect(sendToGroup([one, other], 'SIGKILL', ALL_PROVEN)).toBe(false)
    expect([one, other].every(isRunning)).toBe(true)
  })

  it('is not sent where all of the group have gone: the number may be given out again', async () => {
    const stranger = await spawned.shell('')
    const gone = { ...stranger, start: `${stranger.start}0` }
    expect(sendToGroup([gone], 'SIGKILL', ALL_PROVEN)).toBe(false)
    expect(isRunning(stranger)).toBe(true)
  })

  it('is not sent to a group in which this process is', async () => {
    const stranger = await spawned.shell('')
    const own = { ...rowOf(process.pid), groupPid: stranger.groupPid }
    expect(sendToGroup([stranger, own], HARMLESS, ALL_PROVEN)).toBe(false)
  })

  it('is never sent to the group of this process, nor to groups 0 and 1', () => {
    const own = rowOf(process.pid)
    expect(sendToGroup([own], HARMLESS, ALL_PROVEN)).toBe(false)
    expect(sendToGroup([rowOf(process.ppid)], HARMLESS, ALL_PROVEN)).toBe(false)
    for (const groupPid of [0, 1]) {
      expect(sendToGroup([{ ...own, groupPid }], HARMLESS, ALL_PROVEN)).toBe(false)
    }
    expect(sendToGroup([], HARMLESS, ALL_PROVEN)).toBe(false)
  })
})

it('one file alone of the product sends signals to processes that it did not spawn', () => {
  const files = globSync(['lib/**/*.ts', 'worker/**/*.ts', 'lambdas/**/*.ts', 'bin/**/*.ts'])
  expect(files.length).toBeGreaterThan(300)
  const senders = files.filter((file) => {
    // Signal 0 asks whether there is one, and does nothing to it.
    return /process\.kill\b(?!\([^(),]+, 0\))|\bkill\b.*from 'node:process'/.test(
      readFileSync(file, 'utf8'),
    )
  })
  expect(senders).toEqual(['lib/processes/send-signal.ts'])
})

function readChildren(parentPid: number) {
  return readFileSync(`/proc/${parentPid}/task/${parentPid}/children`, 'latin1')
    .split(' ')
    .flatMap((pid) => (pid === '' ? [] : (readProcess(Number(pid)) ?? [])))
}
