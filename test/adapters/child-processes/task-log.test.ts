import { readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { taskLogFile, tidyLogs } from '../../../lib/adapters/child-processes/task/task-log.ts'
import { waitFor } from '../../support/wait-for.ts'
import { makeStateDir, TestFleet } from './test-fleet.ts'

const HOUR_MS = 3_600_000
const SIZE = 65 * 1024 * 1024

describe("a worker's log", () => {
  let folder: string
  beforeEach(async () => {
    folder = await makeStateDir()
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('holds what the worker writes to stdout and stderr', async () => {
    const command = () => ({
      file: '/bin/sh',
      args: ['-c', 'echo "{\\"message\\":\\"hello\\"}"; echo oops >&2; cat'],
      env: {},
    })
    const fleet = await TestFleet.open({ command })
    fleet.supervisor.deploy('v1')
    await fleet.supervisor.place('a', 'v1')
    await fleet.supervisor.setDesired('a', 1)
    const [task] = await fleet.present()
    const file = taskLogFile(`${fleet.stateDir}/logs`, task!.taskId)
    const text = await waitFor('both lines', () => {
      const lines = readFileSync(file, 'utf8')
      return lines.includes('oops') && lines
    })
    expect(text).toBe('{"message":"hello"}\noops\n')
    await fleet.close()
  })

  test('is cut when it grows too long, and says by how much', () => {
    const file = taskLogFile(folder, 'long')
    writeFileSync(file, '')
    truncateSync(file, SIZE)
    tidyLogs(folder, { present: new Set(['long']), nowMs: Date.now() })
    const line = JSON.parse(readFileSync(file, 'utf8')) as unknown
    expect(line).toMatchObject({ message: 'log cut here', atLeastBytes: SIZE })
  })

  test('goes an hour after the last line of a task that has stopped', () => {
    const nowMs = Date.now()
    const longAgo = new Date(nowMs - 2 * HOUR_MS)
    for (const name of ['old', 'recent', 'running']) {
      writeFileSync(taskLogFile(folder, name), 'a line\n')
    }
    writeFileSync(`${folder}/notes.txt`, 'not ours')
    for (const name of ['worker-old.log', 'worker-running.log', 'notes.txt']) {
      utimesSync(`${folder}/${name}`, longAgo, longAgo)
    }
    tidyLogs(folder, { present: new Set(['running']), nowMs })
    expect(readdirSync(folder).toSorted()).toEqual([
      'notes.txt',
      'worker-recent.log',
      'worker-running.log',
    ])
  })
})
