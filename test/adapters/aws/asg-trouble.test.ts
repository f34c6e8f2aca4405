import { describe, expect, test } from 'vitest'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { IDLE_MS, LOOK_MS, openScene, run } from './machine-scene.ts'

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
    const sizes = scene.received
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
  const { fleet: sized, received } = await openScene()
  await sized.setDesired('a', 1)
  await sized.setDesired('a', 2)
  const actions = received
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
  const { fleet: sized, received } = await openScene()
  await sized.observe()
  expect(received).toHaveLength(1)
})
