import { expect, test } from 'vitest'
import { Roster } from '../../../lib/adapters/child-processes/fleet/roster.ts'
import { makeTask } from '../../../lib/adapters/child-processes/task/worker-task.ts'

const HOUR_MS = 3_600_000

function addTask(roster: Roster, taskId: string, stoppedAtMs?: number): void {
  const ids = { taskId, workerId: `w-${taskId}`, secret: `s-${taskId}` }
  const task = makeTask({ ...ids, side: 'a', version: 'v1', createdAtMs: 0 })
  roster.add(task)
  if (stoppedAtMs !== undefined) Object.assign(task, { state: 'stopped', stoppedAtMs })
}

test('tasks stay known for an hour after they stopped', () => {
  const roster = new Roster()
  addTask(roster, 'old', 0)
  addTask(roster, 'young', 1)
  addTask(roster, 'present')
  expect(roster.list(HOUR_MS).map(({ taskId }) => taskId)).toEqual(['young', 'present'])
})

test('the last thousand stopped tasks stay known, however many stop within an hour', () => {
  const roster = new Roster()
  for (let number = 0; number < 1_001; number += 1) addTask(roster, String(number), number)
  addTask(roster, 'present')
  const known = roster.list(2_000).map(({ taskId }) => taskId)
  expect([known.length, known[0], known.at(-1)]).toEqual([1_001, '1', 'present'])
})

test('a task is found by its secret while it is present, and has stopped otherwise', () => {
  const roster = new Roster()
  addTask(roster, 'gone', 1)
  addTask(roster, 'here')
  expect(roster.findBySecret('s-here')?.taskId).toBe('here')
  expect(roster.findBySecret('s-gone')).toBeUndefined()
  expect(['here', 'gone', 'unknown'].map((id) => roster.hasStopped(id))).toEqual([
    false,
    true,
    true,
  ])
})
