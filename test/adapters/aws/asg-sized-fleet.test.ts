import { afterEach, describe, expect, test } from 'vitest'
import { AsgSizedFleet } from '../../../lib/adapters/aws/autoscaling/asg-sized-fleet.ts'
import type { Log } from '../../../lib/ports/log.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeFleet } from '../../support/fake-fleet.ts'
import { FakeMachines } from './fake-machines.ts'
import { type Received, type Reply, type ScriptedServer, startScripted } from './scripted-server.ts'

const IDLE_MS = 60_000
const LOOK_MS = 10_000

let server: ScriptedServer | undefined
let fleet: AsgSizedFleet | undefined

afterEach(async () => {
  fleet?.close()
  await server?.stop()
})

interface Scene {
  readonly fleet: AsgSizedFleet
  readonly ecs: FakeFleet
  readonly machines: FakeMachines
  readonly clock: FakeClock
  readonly warnings: string[]
  /** Looks for this long, each asking for so many workers on side a, or for none. */
  lookFor(ms: number, desired?: number): Promise<void>
}

async function openScene(
  groups: readonly string[] = ['machines'],
  answer?: (request: Received, machines: FakeMachines) => Reply,
): Promise<Scene> {
  const machines = new FakeMachines(groups)
  server = await startScripted((request) => answer?.(request, machines) ?? machines.answer(request))
  const clock = new FakeClock()
  const ecs = new FakeFleet()
  const warnings: string[] = []
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_, fields) => void warnings.push(JSON.stringify(fields)),
    error: () => undefined,
    with: () => log,
  }
  const opened = new AsgSizedFleet({
    fleet: ecs,
    settings: {
      region: 'us-east-1',
      endpoint: server.endpoint,
      clusterName: 'cluster',
      ecsServices: { a: 'side-a', b: 'side-b' },
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:1:task-definition/worker:1',
      machines: { groups, idleSeconds: IDLE_MS / 1000 },
      limits: { fleet: { tryMs: 2000, callMs: 5000, maxTries: 1 } },
    },
    monotonicMs: () => clock.monotonicMs(),
    log,
  })
  fleet = opened
  const lookFor = async (ms: number, desired?: number): Promise<void> => {
    for (let at = 0; at < ms; at += LOOK_MS) {
      const seen = await opened.observe()
      if (desired !== undefined && seen.sides.a.desired < desired)
        await opened.setDesired('a', desired)
      await clock.advance(LOOK_MS)
    }
    await opened.observe()
  }
  return { fleet: opened, ecs, machines, clock, warnings, lookFor }
}

/** Machines have started and joined, and ECS has put a task on each that was asked for. */
function run({ ecs, machines }: Scene, count: number): string[] {
  machines.start()
  const ids = machines.join()
  for (const id of ids.slice(0, count)) {
    machines.change(id, { tasks: 1 })
    ecs.startTask(`task-on-${id}`)
  }
  return ids
}

describe('a waiting job', () => {
  test('gets its machine asked for in the same look, just one for one worker', async () => {
    const { fleet: sized, machines, ecs } = await openScene()
    await sized.setDesired('a', 1)
    expect(machines.desired.get('machines')).toBe(1)
    // ECS would give up on a task without a place, and wait minutes before it tries again.
    expect(ecs.desired('a')).toBe(0)
  })

  test('gets its worker in the look after its machine joined', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 2)
    scene.machines.start()
    await scene.lookFor(LOOK_MS, 2)
    expect(scene.ecs.desired('a')).toBe(0)
    scene.machines.join()
    await scene.lookFor(LOOK_MS, 2)
    expect(scene.ecs.desired('a')).toBe(2)
    expect(scene.machines.desired.get('machines')).toBe(2)
  })

  test('gets a machine that is there already', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 1)
    run(scene, 0)
    await scene.fleet.setDesired('a', 1)
    expect(scene.ecs.desired('a')).toBe(1)
  })

  test('does not take the machines of the other side', async () => {
    const scene = await openScene()
    const { ecs, machines, fleet: sized } = scene
    await sized.setDesired('a', 2)
    run(scene, 2)
    await ecs.setDesired('a', 2)
    await sized.setDesired('b', 1)
    expect(machines.desired.get('machines')).toBe(3)
    expect(ecs.desired('b')).toBe(0)
  })

  test('waits for no machine that a stopping worker still has', async () => {
    const scene = await openScene()
    const { ecs, machines, fleet: sized } = scene
    await sized.setDesired('a', 1)
    run(scene, 1)
    ecs.startTask('task-on-i-1', 'a', 'stopping')
    await sized.setDesired('a', 1)
    expect(machines.desired.get('machines')).toBe(2)
    expect(ecs.desired('a')).toBe(0)
  })
})

describe('a machine goes', () => {
  test('once it has been empty for the grace, and its group gets smaller by it', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 1)
    run(scene, 1)
    await scene.ecs.setDesired('a', 1)
    await scene.lookFor(IDLE_MS)
    scene.machines.change('i-1', { tasks: 0 })
    scene.ecs.endTask('task-on-i-1')
    await scene.fleet.setDesired('a', 0)
    await scene.lookFor(IDLE_MS - LOOK_MS)
    expect(scene.machines.ids()).toEqual(['i-1'])
    await scene.lookFor(2 * LOOK_MS)
    expect(scene.machines.ids()).toEqual([])
    expect(scene.machines.desired.get('machines')).toBe(0)
  })

  test('and a busy one beside it never does', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 3)
    run(scene, 1)
    await scene.ecs.setDesired('a', 1)
    await scene.lookFor(3 * IDLE_MS)
    expect(scene.machines.ids()).toEqual(['i-1'])
    expect(scene.machines.desired.get('machines')).toBe(1)
  })

  test('but not while it is wanted', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 2)
    run(scene, 0)
    await scene.ecs.setDesired('a', 2)
    await scene.lookFor(2 * LOOK_MS, 2)
    expect(scene.machines.ids()).toHaveLength(2)
  })

  test('nor when a task comes at the last moment: it is back in the choice', async () => {
    const scene = await openScene()
    const { machines } = scene
    machines.onDrain = (id) => machines.change(id, { tasks: 1 })
    await scene.fleet.setDesired('a', 1)
    run(scene, 0)
    await scene.lookFor(IDLE_MS + 4 * LOOK_MS)
    expect(machines.ids()).toEqual(['i-1'])
    expect(machines.statusOf('i-1')).toBe('ACTIVE')
  })

  test('when it never joined, a quarter of an hour later, and another is asked for', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 1)
    scene.machines.start()
    await scene.lookFor(920_000, 1)
    expect(scene.machines.ids()).toEqual([])
    await scene.lookFor(LOOK_MS, 1)
    expect(scene.machines.desired.get('machines')).toBe(1)
  })

  test('not because of what was seen before a long pause', async () => {
    const scene = await openScene()
    await scene.fleet.setDesired('a', 1)
    run(scene, 0)
    await scene.lookFor(4 * LOOK_MS)
    await scene.clock.advance(10 * IDLE_MS)
    await scene.fleet.observe()
    expect(scene.machines.ids()).toEqual(['i-1'])
  })
})

describe('Spot', () => {
  const GROUPS = ['spot', 'on-demand']

  test('is preferred', async () => {
    const { fleet: sized, machines } = await openScene(GROUPS)
    await sized.setDesired('a', 2)
    expect([...machines.desired.values()]).toEqual([2, 0])
  })

  test('without capacity is replaced by on-demand within two looks', async () => {
    const scene = await openScene(GROUPS)
    scene.machines.dry.add('spot')
    await scene.lookFor(2 * LOOK_MS, 2)
    expect(scene.machines.desired.get('on-demand')).toBe(2)
  })

  test('is asked for nothing any more once nothing is wanted', async () => {
    const scene = await openScene(GROUPS)
    scene.machines.dry.add('spot')
    await scene.fleet.setDesired('a', 1)
    await scene.lookFor(10 * LOOK_MS)
    expect([...scene.machines.desired.values()]).toEqual([0, 0])
  })

  test('goes on being asked for while a job waits, whichever process looks', async () => {
    const scene = await openScene(GROUPS)
    scene.machines.dry.add('spot')
    scene.machines.desired.set('spot', 1) // asked for by another process
    await scene.lookFor(2 * LOOK_MS, 1)
    const sizes = (server?.received ?? [])
      .map(({ body }) => new URLSearchParams(String(body)))
      .filter((input) => input.get('Action') === 'SetDesiredCapacity')
      .map((input) => input.get('DesiredCapacity'))
    expect(sizes).not.toContain('0')
  })

  test('the dearer machine goes first', async () => {
    const scene = await openScene(GROUPS)
    scene.machines.desired.set('spot', 1)
    scene.machines.desired.set('on-demand', 1)
    run(scene, 0)
    await scene.ecs.setDesired('a', 1)
    await scene.lookFor(IDLE_MS + 2 * LOOK_MS)
    expect([...scene.machines.desired.values()]).toEqual([1, 0])
  })

  test('a machine about to go is replaced as soon as it is empty', async () => {
    const scene = await openScene(GROUPS)
    await scene.fleet.setDesired('a', 1)
    run(scene, 0)
    await scene.ecs.setDesired('a', 1)
    scene.machines.change('i-1', { status: 'DRAINING' })
    await scene.lookFor(LOOK_MS)
    expect(scene.machines.ids()).toEqual([])
  })
})

test('a worker that lost its machine gets the next one at once, not when ECS tries again', async () => {
  const scene = await openScene()
  await scene.fleet.setDesired('a', 1)
  run(scene, 1)
  await scene.ecs.setDesired('a', 1)
  scene.machines.lose('i-1')
  scene.ecs.endTask('task-on-i-1')
  await scene.lookFor(40_000, 1)
  expect(scene.ecs.desired('a')).toBe(0)
  expect(scene.machines.desired.get('machines')).toBe(1)
  scene.machines.start()
  scene.machines.join()
  await scene.lookFor(LOOK_MS, 1)
  expect(scene.ecs.desired('a')).toBe(1)
})

describe('trouble with machines', () => {
  test('makes no fleet unseen, and lowers nothing', async () => {
    const scene = await openScene(['machines'], () => ({ status: 500, body: '' }))
    expect((await scene.fleet.observe()).sides.a.desired).toBe(0)
    expect(scene.warnings).toHaveLength(1)
  })

  test('fails a raise, which the next look repeats', async () => {
    const scene = await openScene(['machines'], () => ({ status: 500, body: '' }))
    await expect(scene.fleet.setDesired('a', 1)).rejects.toBeInstanceOf(PortUnavailable)
    expect(scene.ecs.calls).toEqual([])
  })

  test('never hinders lowering', async () => {
    const scene = await openScene(['machines'], () => ({ status: 500, body: '' }))
    await scene.ecs.setDesired('a', 2)
    await scene.fleet.setDesired('a', 1)
    expect(scene.ecs.desired('a')).toBe(1)
  })
})

test('zones are never balanced by ending machines: it is switched off before a group grows', async () => {
  const { fleet: sized } = await openScene()
  await sized.setDesired('a', 1)
  await sized.setDesired('a', 2)
  const actions = (server?.received ?? [])
    .filter(({ action }) => action === '')
    .map(({ body }) => new URLSearchParams(String(body)))
    .filter((input) => /^(Suspend|Set)/.test(input.get('Action') ?? ''))
  expect(actions.map((input) => input.get('Action'))).toEqual([
    'SuspendProcesses',
    'SetDesiredCapacity',
    'SetDesiredCapacity',
  ])
  expect(actions[0]?.get('ScalingProcesses.member.1')).toBe('AZRebalance')
})

test('an idle fleet costs one call more a look', async () => {
  const { fleet: sized } = await openScene()
  await sized.observe()
  expect(server?.received).toHaveLength(1)
})
