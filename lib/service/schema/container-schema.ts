import { z } from 'zod'
import { ENV } from '../../registry/env.ts'
import { ignoredKey } from './keys.ts'
import { textWithoutNul, addMistake, textLike } from '../../parsing/value-kinds.ts'

const RESERVED_PORTS: readonly number[] = [8080, 9090]
const RESERVED_ENV_NAMES: ReadonlySet<string> = new Set(
  Object.values(ENV).map((variable) => variable.name),
)

const envNameSchema = textLike(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  problem: 'is not a name of an environment variable',
  allowed: 'letters, digits and _, not beginning with a digit',
}).refine((name) => !name.startsWith('SCALABLE_JOB_') && !RESERVED_ENV_NAMES.has(name), {
  error: 'is a name that the worker sets itself',
  params: { allowed: 'any name but ECS_AGENT_URI and those that start with SCALABLE_JOB_' },
})

/** `env`: a list of names and values, each name once. */
const envSchema = z
  .array(
    z.looseObject({
      name: envNameSchema.describe('Letters, digits and _, no digit first.'),
      value: textWithoutNul().describe('Text; numbers in quotation marks.'),
    }),
  )
  .superRefine((entries, context) => {
    const seen = new Map<string, number>()
    for (const [index, { name }] of entries.entries()) {
      const first = seen.get(name)
      if (first === undefined) seen.set(name, index)
      else addMistake(context, { path: [index, 'name'], ...givenTwice(name, first) })
    }
  })
  .default([])
  .describe('Environment variables.')

function givenTwice(name: string, first: number) {
  return { problem: `is given twice, first in env[${first}]`, got: name, allowed: 'each name once' }
}

/** `command` or `script`: both say what to start. */
const startKeys = {
  command: textWithoutNul().min(1).optional().describe('One command line.'),
  script: textWithoutNul().min(1).optional().describe('Shell text of any length.'),
}

/** Refuses an object that has both `command` and `script`. */
function refuseTwoStarts(
  given: { command?: string | undefined; script?: string | undefined },
  context: z.core.$RefinementCtx,
): void {
  if (given.command === undefined || given.script === undefined) return
  addMistake(context, {
    path: ['script'],
    problem: 'stands beside command, and only one can be started',
    got: 'both',
    allowed: 'command or script',
  })
}

const containerSchema = z
  .looseObject({
    image: z
      .string()
      .min(1)
      .describe(
        'Container image; `./` or `./folder` is built from the Dockerfile of that folder at deploy. On one machine it is not used.',
      ),
    ...startKeys,
    port: z
      .int()
      .min(1)
      .max(65_535)
      .refine((port) => !RESERVED_PORTS.includes(port), {
        error: 'is reserved by the PAI-EAS engine',
        params: { allowed: 'any port but 8080 and 9090' },
      })
      .optional()
      .describe(
        'Port of the model server. With it command or script starts the server and the service takes query jobs; without it they run once in each worker before its first job.',
      ),
    env: envSchema,
    prepare: ignoredKey('nothing is installed at the start; put the packages into the image'),
  })
  .superRefine(refuseTwoStarts)

/** `containers`: the first is what workers run. */
export const containersSchema = z
  .array(containerSchema)
  .min(1)
  .describe('What a worker runs. Only the first entry counts.')

/** `front_end`: the resident web front end. Defaults: PAI-EAS Scalable Job page. */
export const frontEndSchema = z
  .looseObject({
    image: z.string().min(1).describe('Container image of the front end.'),
    port: z.int().min(1).max(65_535).describe('Port that the front end listens on.'),
    ...startKeys,
    env: envSchema,
    cpu: z.number().min(0.25).max(192).default(2).describe('CPU cores.'),
    memory: z.int().min(128).max(4_000_000).default(8192).describe('Memory in MB.'),
    instance_type: z
      .string()
      .min(1)
      .optional()
      .describe('EC2 instance type to run on, in place of cpu and memory.'),
    resource: ignoredKey('there are no resource groups here'),
  })
  .superRefine(refuseTwoStarts)
  .optional()
  .describe('The resident web front end of a ScalableJobService.')
