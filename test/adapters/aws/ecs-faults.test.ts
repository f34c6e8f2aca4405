import { afterEach, describe, expect, test } from 'vitest'
import { EcsFleet } from '../../../lib/adapters/aws/ecs/ecs-fleet.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { definitionArn, FakeEcs } from './fake-ecs.ts'
import {
  json,
  jsonError,
  type Reply,
  type ScriptedServer,
  startScripted,
} from './scripted-server.ts'

let server: ScriptedServer | undefined
let fleet: EcsFleet | undefined

interface Opening {
  readonly clock?: FakeClock
  /** What the last deploy committed. */
  readonly committed?: string
}

async function openFleet(
  answer: (action: string, body: object) => Reply,
  { clock = new FakeClock(), committed = definitionArn(1) }: Opening = {},
) {
  server = await startScripted(({ action, body }) => answer(action, JSON.parse(String(body))))
  fleet = new EcsFleet({
    settings: {
      region: 'us-east-1',
      endpoint: server.endpoint,
      clusterName: 'cluster',
      ecsServices: { a: 'side-a', b: 'side-b' },
      taskDefinitionArn: committed,
      limits: { fleet: { tryMs: 500, callMs: 1500, maxTries: 2 } },
    },
    monotonicMs: () => clock.monotonicMs(),
  })
  return fleet
}

afterEach(async () => {
  await fleet?.close()
  await server?.stop()
})

/** The calls of one look. */
async function actionsOf(look: () => Promise<unknown>): Promise<string[]> {
  const before = server?.received.length ?? 0
  await look()
  return (server?.received ?? []).slice(before).map(({ action }) => action)
}

describe('a look costs few calls', () => {
  test('one while nothing runs', async () => {
    const ecs = new FakeEcs()
    const opened = await openFleet(ecs.answer)
    await opened.observe()
    expect(await actionsOf(() => opened.observe())).toEqual(['DescribeServices'])
  })

  test('three while tasks run, however many there are up to a hundred', async () => {
    const ecs = new FakeEcs()
    ecs.run('side-a', 100)
    const opened = await openFleet(ecs.answer)
    expect((await opened.observe()).tasks).toHaveLength(100)
    const actions = await actionsOf(() => opened.observe())
    expect(actions).toEqual(['DescribeServices', 'ListTasks', 'DescribeTasks'])
  })
})

describe('the latest version is the one that the last deploy committed', () => {
  test('and not the newest one, whose deploy is under way or was rolled back', async () => {
    const ecs = new FakeEcs()
    const clock = new FakeClock()
    const opened = await openFleet(ecs.answer, { clock })
    expect((await opened.observe()).latestVersion).toBe('v1')
    ecs.register('v2')
    await clock.advance(3_600_000)
    expect((await opened.observe()).latestVersion).toBe('v1')
  })

  test('it is placed without a search; an older one is looked for', async () => {
    const ecs = new FakeEcs()
    const committed = ecs.register('v2')
    ecs.register('rolled-back')
    const opened = await openFleet(ecs.answer, { committed })
    expect(await actionsOf(() => opened.place('a', 'v2'))).not.toContain('ListTaskDefinitions')
    await opened.place('b', 'v1')
    const placed = server?.received
      .filter(({ action }) => action === 'UpdateService')
      .map(({ body }) => JSON.parse(String(body)).taskDefinition)
    expect(placed).toEqual([committed, definitionArn(1)])
  })

  test('a definition that names no version is a fault', async () => {
    const ecs = new FakeEcs()
    const taskDefinition = { taskDefinitionArn: definitionArn(1), containerDefinitions: [] }
    const opened = await openFleet((action, body) =>
      action === 'DescribeTaskDefinition' ? json({ taskDefinition }) : ecs.answer(action, body),
    )
    await expect(opened.observe()).rejects.toBeInstanceOf(PortUnavailable)
  })
})

describe('every task is seen, whatever its state', () => {
  test('more than a hundred, over several pages', async () => {
    const ecs = new FakeEcs()
    ecs.run('side-a', 130)
    ecs.run('side-b', 120)
    const { tasks } = await (await openFleet(ecs.answer)).observe()
    expect(tasks.filter(({ side }) => side === 'a')).toHaveLength(130)
    expect(tasks.filter(({ side }) => side === 'b')).toHaveLength(120)
  })

  test.each([
    ['PROVISIONING', 'RUNNING', 'pending'],
    ['PENDING', 'RUNNING', 'pending'],
    ['ACTIVATING', 'RUNNING', 'pending'],
    ['RUNNING', 'RUNNING', 'running'],
    ['RUNNING', 'STOPPED', 'stopping'],
    ['DEACTIVATING', 'STOPPED', 'stopping'],
    ['STOPPING', 'STOPPED', 'stopping'],
    ['DEPROVISIONING', 'STOPPED', 'stopping'],
    ['STOPPED', 'STOPPED', 'stopped'],
  ])('%s on its way to %s is %s', async (lastStatus, desiredStatus, state) => {
    const ecs = new FakeEcs()
    const [arn = ''] = ecs.run('side-a', 1)
    const opened = await openFleet(ecs.answer)
    await opened.observe()
    ecs.change(arn, { lastStatus, desiredStatus })
    expect((await opened.observe()).tasks.map((task) => task.state)).toEqual([state])
    const isStopped = state === 'stopped'
    expect(await opened.findStopped([arn])).toEqual(isStopped ? [arn] : [])
  })

  test('one that stopped stays in view for an hour, without being asked for again', async () => {
    const ecs = new FakeEcs()
    const clock = new FakeClock()
    const [arn = ''] = ecs.run('side-a', 1)
    const opened = await openFleet(ecs.answer, { clock })
    await opened.observe()
    ecs.change(arn, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' })
    await opened.observe()
    await clock.advance(50_000)
    const actions = await actionsOf(async () => {
      expect((await opened.observe()).tasks).toMatchObject([{ taskId: arn, state: 'stopped' }])
    })
    expect(actions).not.toContain('DescribeTasks')
    await clock.advance(3_600_000)
    expect((await opened.observe()).tasks).toEqual([])
  })

  test('one that somebody started by hand belongs to no side', async () => {
    const ecs = new FakeEcs()
    const [arn = ''] = ecs.run('side-a', 1)
    ecs.change(arn, { group: 'family:worker' })
    expect((await (await openFleet(ecs.answer)).observe()).tasks).toEqual([])
  })
})

describe('a fleet that cannot be seen is said to be so, and never empty', () => {
  const seen = new FakeEcs()
  seen.run('side-a', 1)
  test.each([
    ['a service is missing', 'DescribeServices', json({ services: [], failures: [] })],
    ['ECS faults', 'DescribeServices', jsonError('ServerException', 500)],
    ['ECS throttles', 'ListTasks', jsonError('ThrottlingException')],
    ['ECS hangs', 'ListTasks', 'hang'],
    ['the cluster is missing', 'ListTasks', jsonError('ClusterNotFoundException')],
    [
      'a task cannot be described',
      'DescribeTasks',
      json({ tasks: [], failures: [{ arn: 'arn', reason: 'INTERNAL' }] }),
    ],
    ['a definition cannot be described', 'DescribeTaskDefinition', jsonError('ClientException')],
  ] satisfies [string, string, Reply][])('where %s', async (_, broken, reply) => {
    const opened = await openFleet((action, body) =>
      action === broken ? reply : seen.answer(action, body),
    )
    await expect(opened.observe()).rejects.toBeInstanceOf(PortUnavailable)
    expect(server?.received.at(-1)?.action).toBe(broken)
  })

  test('where a service is being deleted', async () => {
    const ecs = new FakeEcs()
    ecs.status = 'DRAINING'
    await expect((await openFleet(ecs.answer)).observe()).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('where it is asked what stopped', async () => {
    const opened = await openFleet(() => jsonError('ServerException', 500))
    const asked = opened.findStopped(['arn:aws:ecs:us-east-1:1:task/cluster/1'])
    await expect(asked).rejects.toBeInstanceOf(PortUnavailable)
  })
})

test('only the count changes when a count is set, and only the definition when one is placed', async () => {
  const ecs = new FakeEcs()
  const opened = await openFleet(ecs.answer, { committed: ecs.register('v2') })
  await opened.setDesired('a', 3)
  await opened.place('b', 'v2')
  const updates = server?.received
    .filter(({ action }) => action === 'UpdateService')
    .map(({ body }) => JSON.parse(String(body)))
  expect(updates).toEqual([
    { cluster: 'cluster', service: 'side-a', desiredCount: 3 },
    { cluster: 'cluster', service: 'side-b', taskDefinition: expect.stringMatching(/worker:2$/) },
  ])
})

describe('a task that is stopped by name', () => {
  test('is named with its reason, and stops', async () => {
    const ecs = new FakeEcs()
    const [arn = '', other] = ecs.run('side-a', 2)
    const opened = await openFleet(ecs.answer)
    await opened.stopTask(arn, 'silent')
    const [stop] = server?.received.filter(({ action }) => action === 'StopTask') ?? []
    expect(JSON.parse(String(stop?.body))).toEqual({
      cluster: 'cluster',
      task: arn,
      reason: 'silent',
    })
    const { tasks } = await opened.observe()
    expect(tasks.find(({ taskId }) => taskId === other)).toMatchObject({ state: 'running' })
  })

  test('may be gone already; whatever else ECS says is a fault', async () => {
    const ecs = new FakeEcs()
    const opened = await openFleet(ecs.answer)
    await opened.stopTask('arn:aws:ecs:us-east-1:1:task/cluster/gone', 'silent')
    await opened.stopTask('never-a-task', 'silent')
    expect(server?.received.map(({ action }) => action)).toEqual(['StopTask'])
    await server?.stop()
    const denied = await openFleet(() => jsonError('AccessDeniedException'))
    const asked = denied.stopTask('arn:aws:ecs:us-east-1:1:task/cluster/1', 'silent')
    await expect(asked).rejects.toBeInstanceOf(PortUnavailable)
  })
})
