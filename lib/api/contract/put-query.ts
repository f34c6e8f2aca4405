import { z } from 'zod'
import { TASK_TYPES } from '../../job/job.ts'

/** PAI-EAS parameters that are accepted and mean nothing here, and why. */
const IGNORED: Readonly<Record<string, string>> = {
  _priority_: 'jobs of a queue start in about the order in which they came',
}
const OTHER_RESERVED = 'parameters that begin with "_" are kept for PAI-EAS and mean nothing here'

/** Query string of a put: the parameters that are documented; every further one is a tag. */
export const putQuerySchema = z
  .object({
    taskType: z
      .string()
      .optional()
      .meta({
        enum: [...TASK_TYPES],
        param: { required: true },
        description: '`command` or `query`; one that the service takes.',
        example: 'command',
      }),
    _priority_: z.string().optional().meta({ description: 'Accepted and ignored.' }),
  })
  .catchall(z.string())

/** The same for a put to a path of the container. */
export const putPathQuerySchema = putQuerySchema.extend({
  taskType: z
    .string()
    .optional()
    .meta({ enum: ['query'], description: 'A path is for queries.', example: 'query' }),
})

export interface PutQuery {
  readonly taskType: string | undefined
  /** Not yet checked. */
  readonly tags: Record<string, string>
  readonly ignored: readonly { name: string; why: string }[]
}

/** Tags are what does not begin with an underscore (PAI-EAS "Queue service", put). */
export function splitPutQuery(query: z.output<typeof putQuerySchema>): PutQuery {
  const { taskType, ...rest } = query
  const given = Object.entries(rest).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined
  })
  const isReserved = ([name]: [string, string]) => name.startsWith('_')
  return {
    taskType,
    tags: Object.fromEntries(given.filter((entry) => !isReserved(entry))),
    ignored: given
      .filter(isReserved)
      .map(([name]) => ({ name, why: IGNORED[name] ?? OTHER_RESERVED })),
  }
}
