import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readProcess } from '../../../lib/processes/read-process.ts'
import { waitFor } from '../../support/wait-for.ts'
import { makeStateDir, programPath, readReport, TestFleet } from './test-fleet.ts'

let stateDir: string
let helpers: ChildProcess[]
let fleet: TestFleet | undefined

beforeEach(async () => {
  stateDir = await makeStateDir()
  helpers = []
  fleet = undefined
})

afterEach(async () => {
  await fleet?.close()
  for (const helper of helpers) helper.kill('SIGKILL')
  rmSync(stateDir, { recursive: true, force: true })
})

/** A process with a supervisor and one worker each, and the tasks of it. */
async function startService(program: string, workers: number) {
  const args = [programPath('supervised-service'), stateDir, program, String(workers)]
  const service = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  helpers.push(service)
  let log = ''
  service.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const taskIds = await waitFor('the workers to start', () => {
    const ids = [...log.matchAll(/"worker started".*?"taskId":"([^"]+)"/g)].map((hit) => hit[1]!)
    return ids.length === workers && ids
  })
  const reports = await Promise.all(
    taskIds.map((taskId) => waitFor('a report', () => readReport(stateDir, taskId))),
  )
  return { service, taskIds, pids: reports.map(({ pid }) => pid) }
}

function startProcess(env: Record<string, string>): ChildProcess {
  const helper = spawn('/bin/sleep', ['600'], { env, detached: true, stdio: 'ignore' })
  helpers.push(helper)
  return helper
}

/** Leaves behind the record of a fleet with one task on side a that was asked for nobody. */
function recordTask(taskId: string, process?: { pid: number; start: string }): void {
  const folder = join(stateDir, 'supervisor')
  mkdirSync(folder)
  const task = { taskId, side: 'a', version: 'v1', createdAtMs: 1, process }
  const sides = { a: { version: 'v1', desired: 0 }, b: { desired: 0 } }
  const saved = { format: 1, latestVersion: 'v1', sides, tasks: [task] }
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify(saved))
}

const isGone = (pid: number) => readProcess(pid) === undefined

describe('after the service was killed', () => {
  test('workers go by themselves', async () => {
    const { service, pids } = await startService('supervised-forever', 2)
    service.kill('SIGKILL')
    const left = await waitFor('the workers to go', () => {
      const running = pids.filter((pid) => !isGone(pid))
      return running.length === 0 && running
    })
    expect(left).toEqual([])
  })

  test('the next life ends what is left, counts it as stopped, and starts what was asked for', async () => {
    const { service, taskIds, pids } = await startService('supervised-stubborn', 2)
    service.kill('SIGKILL')
    fleet = await TestFleet.open({ stateDir })
    expect(pids.filter((pid) => !isGone(pid))).toEqual([])
    expect(await fleet.supervisor.findStopped(taskIds)).toEqual(taskIds)
    const { sides, tasks, latestVersion } = await fleet.supervisor.observe()
    expect(latestVersion).toBe('v1')
    expect(sides.a).toEqual({ version: 'v1', desired: 2, running: 2, pending: 0 })
    const known = tasks.filter(({ taskId }) => taskIds.includes(taskId))
    expect(known.map(({ state }) => state)).toEqual(['stopped', 'stopped'])
    expect(fleet.stopped).toEqual([])
  })

  test('daemons of its workers are ended too', async () => {
    const { service, taskIds } = await startService('supervised-daemon', 1)
    const daemonPids = readReport(stateDir, taskIds[0]!)!.notes['daemonPids'] as number[]
    service.kill('SIGKILL')
    fleet = await TestFleet.open({ stateDir })
    expect(daemonPids.filter((pid) => !isGone(pid))).toEqual([])
  })

  test('a process that has the pid of an old worker by now is left alone', async () => {
    const stranger = startProcess({})
    recordTask('old', { pid: stranger.pid!, start: 'another-boot:1' })
    fleet = await TestFleet.open({ stateDir })
    expect(isGone(stranger.pid!)).toBe(false)
    expect(await fleet.supervisor.findStopped(['old'])).toEqual(['old'])
  })

  test('a worker whose start could not be recorded any more is found', async () => {
    const worker = startProcess({ SCALABLE_JOB_TASK_ID: 'just-started' })
    recordTask('just-started')
    fleet = await TestFleet.open({ stateDir })
    expect(isGone(worker.pid!)).toBe(true)
  })

  test('a record that cannot be read is told, and nothing is started', async () => {
    mkdirSync(join(stateDir, 'supervisor'))
    writeFileSync(join(stateDir, 'supervisor', 'fleet.json'), '{"format":1')
    await expect(TestFleet.open({ stateDir })).rejects.toThrow(/fleet\.json cannot be read/)
    rmSync(join(stateDir, 'supervisor', 'fleet.json'))
    fleet = await TestFleet.open({ stateDir })
  })
})

describe('one state folder', () => {
  test('has one supervisor at a time, and the second learns which process that is', async () => {
    const { service } = await startService('supervised-forever', 1)
    await expect(TestFleet.open({ stateDir })).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'already-running',
      message: expect.stringContaining(`process ${service.pid} `) as string,
    })
  })

  test('is refused to a second supervisor of the same process, which leaves the first alone', async () => {
    fleet = await TestFleet.open({ stateDir })
    await fleet.start(1)
    await expect(TestFleet.open({ stateDir })).rejects.toMatchObject({ code: 'already-running' })
    expect((await fleet.supervisor.observe()).sides.a.running).toBe(1)
  })
})
