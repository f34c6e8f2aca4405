import { ServiceError, showValue } from '../../registry/errors.ts'
import type { TaskType } from '../../job/job.ts'
import { findCommandMistake } from '../../job/command-text.ts'

/**
 * The task type asked for, where this service takes it.
 *
 * @throws ServiceError `unknown-task-type` that names those which it takes
 */
export function checkTaskType(
  given: unknown,
  allowed: readonly TaskType[],
  path: string,
): TaskType {
  const taskType = allowed.find((each) => each === given)
  if (taskType !== undefined) return taskType
  const choices = allowed.join(', ')
  const problem = given === undefined ? 'is missing' : 'is not a task type of this service'
  throw new ServiceError('unknown-task-type', `taskType ${problem}; it takes ${choices}`, {
    details: [{ path, problem, got: showValue(given), allowed: choices }],
  })
}

/**
 * Whether bytes are a command line that a shell can be given.
 *
 * @throws ServiceError `invalid-request`
 */
export function checkCommand(bytes: Uint8Array, path: string): void {
  const problem = findCommandMistake(bytes)
  if (problem === undefined) return
  const got = showValue(Buffer.from(bytes).toString('utf8'))
  throw new ServiceError('invalid-request', `the command of the job ${problem}`, {
    details: [{ path, problem, got, allowed: 'a shell command line in UTF-8' }],
  })
}
