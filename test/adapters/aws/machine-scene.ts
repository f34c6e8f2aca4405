import { afterEach } from 'vitest'
import { AsgSizedFleet } from '../../../lib/adapters/aws/autoscaling/asg-sized-fleet.ts'
import type { Log } from '../../../lib/ports/log.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeFleet } from '../../support/fake-fleet.ts'
import { FakeMachines } from './fake-machines.ts'
import { type Received, type Reply, type ScriptedServer, startScripted } from './scripted-server.ts'

export const IDLE_MS = 60_000
export const LOOK_MS = 10_000

let server: ScriptedServer | undefined
let fleet: AsgSizedFleet | undefined

afterEach(async () => {
  fleet?.close()
  await server?.stop()
})

export interface Scene {
  readonly fleet: AsgSizedFleet
  readonly ecs: FakeFleet
  readonly machines: FakeMachines
  readonly clock: FakeClock
  readonly warnings: string[]
  /** What AWS was asked so far. */
  readonly received: readonly Received[]
  /** Looks for this long, each asking for so many workers on side a, or for none. */
  lookFor(ms: number, desired?: number): Promise<void>
}

export async function openScene(
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
  return { fleet: opened, ecs, machines, clock, warnings, lookFor, received: server.received }
}

/** Machines have started and joined, and ECS has put a task on each that was asked for. */
export function run({ ecs, machines }: Scene, count: number): string[] {
  machines.start()
  const ids = machines.join()
  for (const id of ids.slice(0, count)) {
    machines.change(id, { tasks: 1 })
    ecs.startTask(`task-on-${id}`)
  }
  return ids
}
