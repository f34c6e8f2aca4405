import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeClock } from '../../support/fake-clock.ts'
import { TestFleet } from './test-fleet.ts'

let fleet: TestFleet
let kicks = 0
let taskId: string
let uri: string
const clock = new FakeClock()

beforeAll(async () => {
  fleet = await TestFleet.open({ clock, onKick: () => (kicks += 1) })
  const [task] = await fleet.start(1)
  taskId = task!.taskId
  uri = await fleet.agentUriOf(taskId)
})
afterAll(() => fleet.close())

async function ask(path: string, init: RequestInit = {}): Promise<[number, unknown]> {
  const response = await fetch(`${uri}${path}`, init)
  return [response.status, await response.json()]
}

const put = (body: string) => ask('/task-protection/v1/state', { method: 'PUT', body })

const off = { ExpirationDate: null, ProtectionEnabled: false }

test('a worker knows itself, its endpoint and its supervisor from its environment', async () => {
  const { env } = await fleet.report(taskId)
  expect(uri.startsWith(`${fleet.supervisor.agentAddress}/`)).toBe(true)
  expect(env).toMatchObject({
    SCALABLE_JOB_TASK_ID: taskId,
    SCALABLE_JOB_WORKER_ID: expect.stringMatching(/^[\w-]{36}$/) as string,
    SCALABLE_JOB_SUPERVISOR_URI: uri,
    ECS_CONTAINER_METADATA_URI_V4: uri,
  })
  expect(env).not.toHaveProperty('HOME')
})

test.each([
  ['{"ProtectionEnabled":true}', 120],
  ['{"ProtectionEnabled":true,"ExpiresInMinutes":1}', 1],
  ['{"protectionenabled":true,"EXPIRESINMINUTES":2880}', 2880],
  ['{"ProtectionEnabled":true,"ExpiresInMinutes":null}', 120],
])('%s protects for %i minutes', async (body, minutes) => {
  const protection = {
    ExpirationDate: new Date(clock.now() + minutes * 60_000).toISOString(),
    ProtectionEnabled: true,
    TaskArn: taskId,
  }
  expect(await put(body)).toEqual([200, { protection }])
  expect(await ask('/task-protection/v1/state')).toEqual([200, { protection }])
})

test('protection that was released or has lapsed is told as off', async () => {
  await put('{"ProtectionEnabled":true,"ExpiresInMinutes":1}')
  expect(await put('{"ProtectionEnabled":false}')).toMatchObject([200, { protection: off }])
  await put('{"ProtectionEnabled":true,"ExpiresInMinutes":1}')
  await clock.advance(60_000)
  expect(await ask('/task-protection/v1/state')).toMatchObject([200, { protection: off }])
})

test.each([
  ['', 'not a JSON object'],
  ['[]', 'not a JSON object'],
  ['{"ProtectionEnabled":true,', 'not a JSON object'],
  ['{}', "does not have 'ProtectionEnabled'"],
  ['{"ProtectionEnabled":null}', "does not have 'ProtectionEnabled'"],
  ['{"ProtectionEnabled":"true"}', 'not true or false'],
  ['{"ProtectionEnabled":true,"ExpiresInMinutes":0}', 'from 1 to 2880'],
  ['{"ProtectionEnabled":true,"ExpiresInMinutes":2881}', 'from 1 to 2880'],
  ['{"ProtectionEnabled":true,"ExpiresInMinutes":1.5}', 'from 1 to 2880'],
  ['{"ProtectionEnabled":true,"ExpiresInMinutes":"60"}', 'from 1 to 2880'],
  ['{"ProtectionEnabled":true,"Minutes":60}', 'unknown field'],
])('%s is answered with 400 and why', async (body, why) => {
  expect(await put(body)).toEqual([
    400,
    {
      error: {
        Code: 'InvalidParameterException',
        Message: expect.stringContaining(why) as string,
      },
    },
  ])
})

test('a body over 64 KiB is not read', async () => {
  const [status] = await put(`{"ProtectionEnabled":true}${' '.repeat(65 * 1024)}`)
  expect(status).toBe(413)
})

test('metadata names the task and its version', async () => {
  expect(await ask('/task')).toMatchObject([200, { TaskARN: taskId, Revision: 'v1' }])
})

test('a kick reaches the scaler', async () => {
  const before = kicks
  expect(await ask('/kick', { method: 'POST' })).toEqual([202, {}])
  expect(kicks).toBe(before + 1)
})

test('whoever does not know the secret of a task gets nothing', async () => {
  for (const secret of ['guess', taskId, '%00']) {
    const guess = `${fleet.supervisor.agentAddress}/${secret}`
    const read = await fetch(`${guess}/task-protection/v1/state`)
    expect(read.status).toBe(404)
    const kick = await fetch(`${guess}/kick`, { method: 'POST' })
    expect(kick.status).toBe(404)
  }
  expect(await ask('/nothing')).toMatchObject([404, { error: {} }])
})
