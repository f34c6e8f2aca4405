import type { Fleet, FleetObservation, FleetTask, Side } from '../../../lib/ports/fleet.ts'
import { SIDES } from '../../../lib/ports/fleet.ts'
import { json, jsonError, type Reply } from '../../../test/adapters/aws/scripted-server.ts'

/** Name of the ECS service of each side. */
export const ECS_SERVICES: Readonly<Record<Side, string>> = { a: 'side-a', b: 'side-b' }
export const CLUSTER = 'cluster'

interface Input {
  readonly service?: string
  readonly desiredCount?: number
  readonly taskDefinition?: string
  readonly desiredStatus?: string
  readonly tasks?: readonly string[]
  readonly task?: string
  readonly reason?: string
}

/**
 * The part of ECS's JSON API that `EcsFleet` uses, over a fleet that really runs its tasks: a
 * supervisor, which keeps ECS's rules of scale-in protection, as no emulator does.
 */
export async function answerAsEcs(fleet: Fleet, action: string, input: Input): Promise<Reply> {
  const { sides, tasks, latestVersion } = await fleet.observe()
  switch (action) {
    case 'DescribeServices':
      return json({
        services: SIDES.map((side) => describeService({ sides, latestVersion }, side)),
      })
    case 'ListTasks': {
      const listed = tasks.filter((task) => desiredStatusOf(task) === input.desiredStatus)
      return json({ taskArns: listed.map(({ taskId }) => taskId) })
    }
    case 'DescribeTasks':
      return describeTasks(tasks, input.tasks ?? [])
    case 'DescribeTaskDefinition':
      return describeDefinition(input.taskDefinition ?? '')
    case 'StopTask':
      await fleet.stopTask(input.task ?? '', input.reason ?? '')
      return json({ task: {} })
    case 'UpdateService':
      return update(fleet, input)
    default:
      return jsonError('UnknownOperationException')
  }
}

/** Of the definition that runs this version of the worker: its version stands for its revision. */
export function definitionArnOf(version: string): string {
  return `arn:aws:ecs:us-east-1:1:task-definition/worker:${version}`
}

async function update(fleet: Fleet, { service, desiredCount, taskDefinition }: Input) {
  const side = SIDES.find((each) => ECS_SERVICES[each] === service)
  if (side === undefined) return jsonError('ServiceNotFoundException')
  if (taskDefinition !== undefined) await fleet.place(side, versionOf(taskDefinition))
  if (desiredCount !== undefined) await fleet.setDesired(side, desiredCount)
  return json({ service: {} })
}

type Sides = Pick<FleetObservation, 'sides' | 'latestVersion'>

function describeService({ sides, latestVersion }: Sides, side: Side): object {
  const { version = latestVersion, desired, running, pending } = sides[side]
  return {
    serviceName: ECS_SERVICES[side],
    status: 'ACTIVE',
    taskDefinition: definitionArnOf(version),
    desiredCount: desired,
    runningCount: running,
    pendingCount: pending,
  }
}

function describeTasks(tasks: readonly FleetTask[], arns: readonly string[]): Reply {
  const found = tasks.filter(({ taskId }) => arns.includes(taskId))
  const known = new Set(found.map(({ taskId }) => taskId))
  const missing = arns.filter((arn) => !known.has(arn))
  return json({
    tasks: found.map(describeTask),
    failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
  })
}

const LAST_STATUS: Readonly<Record<FleetTask['state'], string>> = {
  pending: 'PENDING',
  running: 'RUNNING',
  stopping: 'STOPPING',
  stopped: 'STOPPED',
}

function describeTask(task: FleetTask): object {
  const { taskId, side, version, state, startedAtMs, stoppedReason } = task
  return {
    taskArn: taskId,
    group: `service:${ECS_SERVICES[side]}`,
    lastStatus: LAST_STATUS[state],
    desiredStatus: desiredStatusOf(task),
    taskDefinitionArn: definitionArnOf(version),
    ...(startedAtMs !== undefined && { startedAt: startedAtMs / 1000 }),
    ...(stoppedReason !== undefined && { stoppedReason }),
  }
}

function desiredStatusOf({ state }: FleetTask): 'RUNNING' | 'STOPPED' {
  return state === 'pending' || state === 'running' ? 'RUNNING' : 'STOPPED'
}

function describeDefinition(arn: string): Reply {
  const environment = [{ name: 'SCALABLE_JOB_VERSION', value: versionOf(arn) }]
  const containerDefinitions = [{ name: 'worker', environment }]
  return json({ taskDefinition: { taskDefinitionArn: arn, containerDefinitions } })
}

function versionOf(definitionArn: string): string {
  return definitionArn.slice(definitionArn.lastIndexOf(':') + 1)
}
