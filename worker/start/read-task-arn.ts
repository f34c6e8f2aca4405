import { z } from 'zod'

const TIMEOUT_MS = 5000
const taskSchema = z.object({ TaskARN: z.string().min(1) })

/**
 * The ARN of the ECS task that this process runs in.
 *
 * Source: AWS, "Amazon ECS task metadata endpoint version 4".
 * @throws when the endpoint does not answer within 5 s, or with something else
 */
export async function readTaskArn(metadataUri: string): Promise<string> {
  const response = await fetch(`${metadataUri}/task`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return taskSchema.parse(await response.json()).TaskARN
}
