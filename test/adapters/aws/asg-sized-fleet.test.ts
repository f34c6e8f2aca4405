import { describe, expect, test } from 'vitest'
import { IDLE_MS, LOOK_MS, openScene, run } from './machine-scene.ts'

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
