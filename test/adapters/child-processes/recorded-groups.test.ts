import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseRecordLines } from '../../../lib/processes/group-record.ts'
import { readProcess } from '../../../lib/processes/read-process.ts'
import { waitFor } from '../../support/wait-for.ts'
import { makeStateDir, programPath, TestFleet } from './test-fleet.ts'

let fleet: TestFleet
afterEach(() => fleet.close())

/** What worker and guard run carries nothing by which it could be told, other than the record. */
async function start(command: string) {
  const stateDir = await makeStateDir()
  fleet = await TestFleet.open({
    stateDir,
    command: () => ({
      file: process.execPath,
      args: [programPath('supervised-guarded')],
      env: { PATH: process.env['PATH'] ?? '', REPORT_DIR: stateDir, COMMAND: command },
    }),
  })
  const [task] = await fleet.start(1)
  const { taskId } = task!
  const { pid, notes } = await fleet.report(taskId)
  const { guardPid } = notes as { guardPid: number }
  return { taskId, pid, guardPid, folder: join(stateDir, 'supervisor', 'groups', taskId) }
}

const recorded = (folder: string) =>
  readdirSync(folder)
    .map((name) => parseRecordLines(readFileSync(join(folder, name), 'latin1')))
    .flat()

const isGone = (pid: number) => readProcess(pid) === undefined

const hasNoEnvironment = (pid: number) => {
  return readFileSync(`/proc/${pid}/environ`).length === 0 && commandOf(pid).startsWith('sleep')
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'latin1')

test.each([
  ['whose command dropped its environment', 'exec env -i sleep 1000', 1],
  [
    'whose command left a session and its environment',
    'setsid env -i sleep 1000 >/dev/null 2>&1 & sleep 1000',
    2,
  ],
])(
  'nothing is left of a task %s when worker and guard are killed at once',
  async (_n, command, count) => {
    const { taskId, pid, guardPid, folder } = await start(command)
    const left = await waitFor('the records', () => {
      const known = recorded(folder)
      return known.length >= count && hasNoEnvironment(known.at(-1)!.pid) && known
    })
    process.kill(guardPid, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    await fleet.hasStopped(taskId)
    expect(left.filter((each) => !isGone(each.pid))).toEqual([])
    expect(() => readdirSync(folder)).toThrow('ENOENT')
  },
)
