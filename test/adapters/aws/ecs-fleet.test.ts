import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EcsFleet } from '../../../lib/adapters/aws/ecs/ecs-fleet.ts'
import { uniqueName } from '../../contracts/define-contract.ts'
import { type Emulator, hasEmulators, startEmulator } from './emulator.ts'

const REGION = 'us-east-1'

// MiniStack's services start tasks at once, as records; protection, time and capacity are not there.
// moto's services start none, so it is no oracle here.
describe.skipIf(!hasEmulators)('the fleet over ECS of ministack', () => {
  let emulator: Emulator
  let client: ECSClient
  let fleet: EcsFleet
  let family: string
  let cluster: string

  beforeAll(async () => {
    emulator = await startEmulator('ministack')
    client = new ECSClient({ region: REGION, endpoint: emulator.endpoint })
  })
  afterAll(async () => {
    client.destroy()
    await emulator.stop()
  })

  beforeEach(async () => {
    family = uniqueName('worker')
    cluster = uniqueName('cluster')
    await client.send(new CreateClusterCommand({ clusterName: cluster }))
    const taskDefinitionArn = await register('v1')
    for (const serviceName of ['side-a', 'side-b']) {
      const service = { cluster, serviceName, taskDefinition: family, desiredCount: 0 }
      await client.send(new CreateServiceCommand(service))
    }
    fleet = openFleet(taskDefinitionArn)
  })
  afterEach(() => fleet.close())

  /** As the scaler opens it after a deploy that committed this definition. */
  function openFleet(taskDefinitionArn: string): EcsFleet {
    return new EcsFleet({
      settings: {
        region: REGION,
        endpoint: emulator.endpoint,
        clusterName: cluster,
        ecsServices: { a: 'side-a', b: 'side-b' },
        taskDefinitionArn,
      },
      monotonicMs: () => performance.now(),
    })
  }

  /** Answers the ARN of the revision. */
  async function register(version: string): Promise<string> {
    const environment = [{ name: 'SCALABLE_JOB_VERSION', value: version }]
    const containerDefinitions = [{ name: 'worker', image: 'image', memory: 128, environment }]
    const command = new RegisterTaskDefinitionCommand({ family, containerDefinitions })
    return (await client.send(command)).taskDefinition?.taskDefinitionArn ?? ''
  }

  test('an idle fleet shows its sides, their versions and no task', async () => {
    const side = { version: 'v1', desired: 0, running: 0, pending: 0 }
    expect(await fleet.observe()).toEqual({
      sides: { a: side, b: side },
      tasks: [],
      latestVersion: 'v1',
    })
  })

  test('as many tasks run as are asked for, on the side asked for', async () => {
    await fleet.setDesired('a', 2)
    const { sides, tasks } = await fleet.observe()
    expect(sides.a).toMatchObject({ desired: 2, running: 2 })
    expect(sides.b).toMatchObject({ desired: 0, running: 0 })
    expect(tasks).toHaveLength(2)
    for (const task of tasks) expect(task).toMatchObject({ side: 'a', version: 'v1' })
    const ids = tasks.map(({ taskId }) => taskId)
    expect(await fleet.findStopped(ids)).toEqual([])
  })

  test('a new version is placed on the empty side, and runs beside the old one', async () => {
    await fleet.setDesired('a', 1)
    await fleet.close()
    fleet = openFleet(await register('v2'))
    await fleet.place('b', 'v2')
    await fleet.setDesired('b', 1)
    const { sides, tasks, latestVersion } = await fleet.observe()
    expect([sides.a.version, sides.b.version, latestVersion]).toEqual(['v1', 'v2', 'v2'])
    const versions = tasks.map(({ side, version }) => `${side} ${version}`).toSorted()
    expect(versions).toEqual(['a v1', 'b v2'])
  })

  test('a side that is not empty keeps its version', async () => {
    await fleet.setDesired('a', 1)
    await register('v2')
    await expect(fleet.place('a', 'v2')).rejects.toThrow(/not empty/)
    expect((await fleet.observe()).sides.a.version).toBe('v1')
  })

  test('a version that was never deployed is an error', async () => {
    await expect(fleet.place('a', 'v9')).rejects.toThrow(/v9/)
  })

  test('a task that stopped is seen as stopped, with the reason', async () => {
    await fleet.setDesired('a', 1)
    const [task] = (await fleet.observe()).tasks
    const taskId = task?.taskId ?? ''
    await client.send(new StopTaskCommand({ cluster, task: taskId, reason: 'for the test' }))
    const { tasks } = await fleet.observe()
    expect(tasks.find((each) => each.taskId === taskId)).toMatchObject({
      state: 'stopped',
      stoppedReason: 'for the test',
    })
    expect(await fleet.findStopped([taskId])).toEqual([taskId])
  })

  test('a first look sees what stopped before it', async () => {
    await fleet.setDesired('a', 1)
    const [task] = (await fleet.observe()).tasks
    await fleet.setDesired('a', 0)
    await client.send(new StopTaskCommand({ cluster, task: task?.taskId ?? '' }))
    const second = openFleet(await register('v1'))
    const { tasks } = await second.observe()
    expect(tasks).toMatchObject([{ taskId: task?.taskId, state: 'stopped' }])
    await second.close()
  })

  test('a task that nobody knows counts as stopped', async () => {
    const unknown = `arn:aws:ecs:us-east-1:000000000000:task/${cluster}/${'0'.repeat(32)}`
    expect(await fleet.findStopped([unknown, 'nobody'])).toEqual([unknown, 'nobody'])
  })
})
