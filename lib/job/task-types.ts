import { TASK_TYPES, type TaskType } from './job.ts'

/** Fields of a submit that mean something for one task type alone. */
type OwnField = 'command' | 'env' | 'checkpointSeconds' | 'request' | 'inputBase64'

/**
 * What sets a task type apart, as API, scaler and worker ask for it. How its jobs run stands in
 * `worker/run/run-job.ts`.
 */
interface TaskTypeFacts {
  /** The text of a command, which has to be given; or the body of a request, which may be empty. */
  readonly input: 'command' | 'request-body'
  readonly ownFields: readonly OwnField[]
  /** Its work is done by the model server of a worker, and waits for that server. */
  readonly needsModel: boolean
  /** Its work is done by processes of its own, whose output is the log of the attempt. */
  readonly runsProcesses: boolean
  /** How long a job is expected to run while none has been measured. */
  readonly unmeasuredSeconds: number
}

export const TASK_TYPE_FACTS: Readonly<Record<TaskType, TaskTypeFacts>> = {
  command: {
    input: 'command',
    ownFields: ['command', 'env', 'checkpointSeconds'],
    needsModel: false,
    runsProcesses: true,
    unmeasuredSeconds: Infinity,
  },
  query: {
    input: 'request-body',
    ownFields: ['request', 'inputBase64'],
    needsModel: true,
    runsProcesses: false,
    unmeasuredSeconds: 0,
  },
}

/** One value for each task type. */
export function perTaskType<T>(valueOf: (taskType: TaskType) => T): Record<TaskType, T> {
  const values = TASK_TYPES.map((taskType) => [taskType, valueOf(taskType)] as const)
  return Object.fromEntries(values) as Record<TaskType, T>
}

/** The fields of a submit that mean nothing for this type. */
export function fieldsOfOthers(taskType: TaskType): OwnField[] {
  const others = TASK_TYPES.filter((each) => each !== taskType)
  return others.flatMap((each) => TASK_TYPE_FACTS[each].ownFields)
}
