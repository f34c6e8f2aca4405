import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GroupMark, GroupProof } from '../../lib/processes/group-proof.ts'
import { finish } from '../../lib/processes/in-slices.ts'
import { ProcessGroup } from '../../lib/processes/process-group.ts'
import { isRunning, type ProcessIdentity, readOutputs } from '../../lib/processes/read-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { allProcesses, pidsOf, rowOf, Spawned } from './support/spawned.ts'

/** Another run of these tests may be under way on this machine. */
const ID = randomUUID()
const MARK = { SCALABLE_JOB_TEST: ID }
const VARIABLE = `SCALABLE_JOB_TEST=${ID}`

const spawned = new Spawned()
let folder: string
let extra: ProcessIdentity[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-group-'))
  extra = []
})
afterEach(async () => {
  for (const { pid } of extra.filter(isRunning)) process.kill(pid, 'SIGKILL')
  await spawned.endAll()
  rmSync(folder, { recursive: true })
})

/** A shell whose script runs something in the background that writes its pid into a file. */
async function startWith(script: (pidFile: string) => string, env?: Record<string, string>) {
  const file = join(folder, `pid-${extra.length}`)
  const leader = await spawned.shell(
    `${script(file)}\nwhile [ ! -s ${file} ]; do sleep 0.02; done`,
    env,
  )
  const other = rowOf(Number(readFileSync(file, 'latin1')))
  extra.push(other)
  return { leader, other }
}

const DAEMON = (file: string, how: string) => {
  return `(${how} sh -c 'echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 600' &)`
}
const SILENT = '>/dev/null 2>&1'

function groupOf(mark: Partial<GroupMark>): ProcessGroup {
  return new ProcessGroup({ variable: VARIABLE, leaders: [], ...mark })
}

describe('the processes of a group are', () => {
  it('its leader and whatever is in its session, with or without the mark', async () => {
    const { leader, other } = await startWith((file) => DAEMON(file, 'env -i'))
    expect(pidsOf(groupOf({ leaders: [leader] }).find())).toEqual(pidsOf([leader, other]))
  })

  it('those that carry its mark, whoever started them', async () => {
    const { leader, other } = await startWith((file) => DAEMON(file, 'setsid'), MARK)
    const group = groupOf({})
    expect(pidsOf(group.find())).toEqual(pidsOf([leader, other]))
    expect(group.unproven).toEqual([])
    expect(finish(group.look({ byFamily: true })).length).toBe(2)
  })

  it('not those whose variable merely begins or ends like it', async () => {
    await spawned.shell('', { SCALABLE_JOB_TEST: `${ID}-not` })
    await spawned.shell('', { NOT_SCALABLE_JOB_TEST: ID })
    const group = groupOf({})
    expect([group.find(), group.unproven]).toEqual([[], []])
  })

  it('those that hold its output, without mark, session and parent', async () => {
    const { leader, other } = await startWith((file) => DAEMON(file, 'setsid env -i'), MARK)
    const group = groupOf({ outputs: readOutputs(other.pid).slice(0, 1) })
    expect(pidsOf(group.find())).toEqual(pidsOf([leader, other]))
    expect(group.unproven).toEqual([])
  })

  it('children that left the session without a mark, as long as their parent tells of them', async () => {
    const start = (file: string) => {
      return `setsid env -i sh -c 'echo $$ > ${file}; exec sleep 600' ${SILENT} &`
    }
    const { leader, other } = await startWith(start, MARK)
    const group = groupOf({ leaders: [leader] })
    expect(pidsOf(group.find())).toEqual(pidsOf([leader, other]))
    await spawned.endLeaders()
    // Known from then on.
    expect(pidsOf(group.find())).toEqual([other.pid])
    expect(groupOf({ leaders: [leader] }).find()).toEqual([])
  })

  it('the sessions that its processes lead, whatever else their members have lost', async () => {
    const inner = (file: string) => `(sh -c "echo $$ > ${file}; exec sleep 600" &)`
    const start = (file: string) => {
      return `setsid env -i sh -c '${inner(file).replace('$$', '\\$\\$')}; exec sleep 600' ${SILENT} &`
    }
    const { leader, other } = await startWith(start, MARK)
    const group = groupOf({ leaders: [leader] })
    expect(pidsOf(group.find())).toEqual(pidsOf([leader, rowOf(other.sessionPid), other]))
    extra.push(rowOf(other.sessionPid))
    expect(group.unproven).toEqual([])
  })

  it('those that were recorded, with the sessions that they led', async () => {
    const { leader, other } = await startWith((file) => DAEMON(file, 'env -i'))
    await spawned.endLeaders()
    const group = groupOf({})
    expect(group.find()).toEqual([])
    group.addLeaders([leader])
    group.addLeaders([leader])
    expect(pidsOf(group.find())).toEqual([other.pid])
  })

  it.each([
    [
      'has the pid of a leader by now',
      (row: ProcessIdentity) => ({ ...row, start: `${row.start}0` }),
    ],
    [
      'had it before the machine booted anew',
      (row: ProcessIdentity) => ({ ...row, start: 'other:1' }),
    ],
  ])('not those of a process that %s', async (_name, toLeader) => {
    const stranger = await spawned.shell('sleep 600 &')
    const group = groupOf({ leaders: [toLeader(stranger)] })
    expect([group.find(), group.unproven]).toEqual([[], []])
  })

  it('never this process, its parents, or the first one, whatever the records say', () => {
    const leaders = [rowOf(1), rowOf(process.pid)]
    expect(pidsOf(groupOf({ leaders }).find())).not.toContain(1)
    expect(pidsOf(groupOf({ leaders }).find())).not.toContain(process.pid)
  })
})

describe('a kill of a group', () => {
  it('ends all of it and nothing else', async () => {
    const stranger = await spawned.shell('', { SCALABLE_JOB_TEST: 'another' })
    const { leader, other } = await startWith((file) => DAEMON(file, 'setsid'), MARK)
    const group = groupOf({ leaders: [leader] })
    expect(pidsOf(finish(group.kill()))).toEqual(pidsOf([leader, other]))
    await waitFor('their end', () => !isRunning(leader) && !isRunning(other))
    expect(group.find()).toEqual([])
    expect(isRunning(stranger)).toBe(true)
  })

  it('ends processes that start others without end', async () => {
    const endless = `while true; do (setsid sh -c 'sleep 0.05' ${SILENT} &); sleep 0.01; done &`
    const leader = await spawned.shell(endless, MARK)
    const group = groupOf({ leaders: [leader] })
    expect(finish(group.kill()).length).toBeGreaterThan(1)
    await waitFor('their end', () => group.find().length === 0)
  })

  it('stops all of them before it kills the first: no parent may start another meanwhile', async () => {
    // So many that the work pauses while they stand still.
    const leader = await spawned.shell('for each in $(seq 80); do sleep 600 & done')
    const work = groupOf({ leaders: [leader] }).kill()
    let isStopped = false
    while (work.next().done !== true && !isStopped) {
      // It stands still as soon as it would have its turn.
      for (let looks = 0; looks < 20 && !isStopped; looks += 1) {
        isStopped = / T /.test(readFileSync(`/proc/${leader.pid}/stat`, 'latin1'))
        await sleep(10)
      }
    }
    expect(isStopped).toBe(true)
    finish(work)
    await waitFor('the end', () => !isRunning(leader))
  })

  it('does nothing where there is none', () => {
    expect(finish(groupOf({}).kill())).toEqual([])
  })
})

describe('the proof that a process belongs to a group', () => {
  it('holds for those of the group alone, when every process of the machine is nominated', async () => {
    const stranger = await spawned.shell('sleep 600 &')
    const { leader, other } = await startWith((file) => DAEMON(file, 'setsid'), MARK)
    const proof = new GroupProof(() => ({ variable: VARIABLE, leaders: [leader] }))
    const rows = allProcesses()
    expect(pidsOf(proof.prove(rows, rows))).toEqual(pidsOf([leader, other]))
    expect(proof.isProven(other)).toBe(true)
    expect(proof.isProven(stranger)).toBe(false)
    expect(proof.isProven({ ...other, start: `${other.start}0` })).toBe(false)
  })

  it.each([
    ['has its leader by a pid that was given out again', { leaders: 'reused' }],
    ['has a leader of an earlier boot', { leaders: 'other-boot' }],
    ['has the first process as its leader', { leaders: 'first' }],
    ['has this process as its leader', { leaders: 'self' }],
    ['has the superuser as its user', { uid: 0 }],
    ['has no outputs', { outputs: [] }],
  ] as const)('holds for nobody where the group %s', async (_name, how) => {
    const stranger = await spawned.shell('')
    const made = {
      reused: { pid: stranger.pid, start: `${stranger.start}0` },
      'other-boot': { pid: stranger.pid, start: 'other-boot:1' },
      first: rowOf(1),
      self: rowOf(process.pid),
    }
    const { leaders, ...others } = { leaders: undefined, ...how }
    const mark = { variable: VARIABLE, leaders: leaders === undefined ? [] : [made[leaders]] }
    const rows = allProcesses()
    expect(new GroupProof(() => ({ ...mark, ...others })).prove(rows, rows)).toEqual([])
  })

  it('ends for a process that is nominated no more', async () => {
    const leader = await spawned.shell('', MARK)
    const proof = new GroupProof(() => ({ variable: VARIABLE, leaders: [] }))
    expect(proof.prove([leader], [leader])).toEqual([leader])
    proof.prove([], [leader])
    expect(proof.isProven(leader)).toBe(false)
  })
})
