import { isObjectOf, isText, parseJsonOf } from '../../lib/parsing/checks.ts'

const TIMEOUT_MS = 5000
const isTask = isObjectOf({ TaskARN: isText })

/**
 * The ARN of the ECS task that this process runs in.
 *
 * Source: AWS, "Amazon ECS task metadata endpoint version 4".
 * @throws when the endpoint does not answer within 5 s, or with something else
 */
export async function readTaskArn(metadataUri: string): Promise<string> {
  const response = await fetch(`${metadataUri}/task`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const task = parseJsonOf(await response.text(), isTask)
  if (!task?.TaskARN) throw new Error(`${metadataUri}/task does not name the task`)
  return task.TaskARN
}
