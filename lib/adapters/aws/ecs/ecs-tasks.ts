import {
  DescribeTasksCommand,
  type ECSClient,
  InvalidParameterException,
  ListTasksCommand,
  StopTaskCommand,
  type DesiredStatus,
  type Task,
} from '@aws-sdk/client-ecs'
import type { FleetTask, Side } from '../../../ports/fleet.ts'

/** ECS: tasks of one DescribeTasks. */
const MAX_DESCRIBED = 100

export interface TasksCall {
  readonly client: ECSClient
  readonly cluster: string
  readonly signal: AbortSignal
}

/** All task ARNs of a family that are meant to run, or meant to stop (ECS keeps those an hour). */
export async function listTasks(
  { client, cluster, signal }: TasksCall,
  family: string,
  desiredStatus: DesiredStatus,
): Promise<string[]> {
  const arns: string[] = []
  let nextToken: string | undefined
  do {
    const input = { cluster, family, desiredStatus }
    const command: ListTasksCommand = new ListTasksCommand(
      nextToken === undefined ? input : { ...input, nextToken },
    )
    const answer = await client.send(command, { abortSignal: signal })
    arns.push(...(answer.taskArns ?? []))
    nextToken = answer.nextToken
  } while (nextToken !== undefined)
  return arns
}

/**
 * The tasks that ECS still knows. `MISSING` means that it forgot them, an hour after their end.
 *
 * @throws Error for any other failure: it says nothing about the task
 */
export async function describeTasks(
  { client, cluster, signal }: TasksCall,
  arns: readonly string[],
): Promise<Task[]> {
  const tasks: Task[] = []
  for (let from = 0; from < arns.length; from += MAX_DESCRIBED) {
    const batch = arns.slice(from, from + MAX_DESCRIBED)
    const command = new DescribeTasksCommand({ cluster, tasks: batch })
    const answer = await client.send(command, { abortSignal: signal })
    const unseen = (answer.failures ?? []).find(({ reason }) => reason !== 'MISSING')
    if (unseen !== undefined) throw new Error(`ECS on ${unseen.arn}: ${unseen.reason}`)
    tasks.push(...(answer.tasks ?? []))
  }
  return tasks
}

/** ECS shows a reason of 255 characters at most. Source: Amazon ECS API Reference, "StopTask". */
const MAX_REASON = 255

/** A task that ECS has forgotten has stopped long ago. */
export async function stopTask(
  { client, cluster, signal }: TasksCall,
  task: string,
  reason: string,
): Promise<void> {
  const command = new StopTaskCommand({ cluster, task, reason: reason.slice(0, MAX_REASON) })
  try {
    await client.send(command, { abortSignal: signal })
  } catch (error) {
    const isForgotten =
      error instanceof InvalidParameterException && /not found/i.test(error.message)
    if (!isForgotten) throw error
  }
}

/** ECS's own words for a task's life. Source: Amazon ECS Developer Guide, "Task lifecycle". */
export function toTaskState({ lastStatus, desiredStatus }: Task): FleetTask['state'] {
  switch (lastStatus) {
    case 'STOPPED':
    case 'DELETED':
      return 'stopped'
    case 'DEACTIVATING':
    case 'STOPPING':
    case 'DEPROVISIONING':
      return 'stopping'
    default:
      if (desiredStatus === 'STOPPED') return 'stopping'
      return lastStatus === 'RUNNING' ? 'running' : 'pending'
  }
}

export function toFleetTask(task: Task, side: Side, version: string): FleetTask {
  const { taskArn = '', startedAt, stoppedReason } = task
  return {
    taskId: taskArn,
    side,
    version,
    state: toTaskState(task),
    ...(startedAt !== undefined && { startedAtMs: startedAt.getTime() }),
    ...(stoppedReason !== undefined && { stoppedReason }),
  }
}
