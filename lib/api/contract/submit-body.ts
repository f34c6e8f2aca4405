import { addMistake, refusePrototypeKey, textLike } from '../../parsing/value-kinds.ts'
import { COMMAND_TEXT } from '../../job/command-text.ts'
import { z } from 'zod'
import { TASK_TYPES } from '../../job/job.ts'
import { givenChoicesShape } from '../../job/job-choices.ts'
import { fieldsOfOthers, TASK_TYPE_FACTS } from '../../job/task-types.ts'
import { queryHeadersSchema, queryPathSchema } from './query-request.ts'
import { tenantSchema } from './tenant.ts'

export const commandSchema = textLike(COMMAND_TEXT, {
  problem: 'is empty, or has a NUL character',
  allowed: 'a command line without NUL characters',
})

/** Methods that a query job may use on the model server. */
const QUERY_METHODS = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'] as const

const INPUTS = ['command', 'input', 'inputBase64', 'inputKey'] as const

const requestSchema = z.strictObject({
  method: z.enum(QUERY_METHODS).default('POST').describe('Method on the model server.'),
  path: queryPathSchema.default('/'),
  headers: refusePrototypeKey(queryHeadersSchema, 'names of headers')
    .default({})
    .describe('Headers for the model server.'),
})

/** As POST /uploads gives it. */
const UPLOAD_KEY = /^uploads\/[a-z0-9][a-z0-9-]{0,62}\/\d{1,30}$/
/** Groups of four, and padding only at the end: what `z.base64` takes, as JSON Schema says it. */
const BASE64 = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

const shape = {
  taskType: z.enum(TASK_TYPES).describe('What the job is; one that the service takes.'),
  command: commandSchema
    .optional()
    .describe('Shell command line of a command job, run by the shell inside the image.'),
  input: z
    .unknown()
    .optional()
    .describe('Body of a query: text is sent as it stands, any other value as JSON.'),
  inputBase64: z.base64().optional().meta({
    pattern: BASE64,
    description: 'Body of a query as base64, for bytes that are no text.',
  }),
  inputKey: textLike(UPLOAD_KEY, {
    problem: 'is not an upload key',
    allowed: '`inputKey` of POST /uploads',
  })
    .optional()
    .describe('The input as uploaded before: `inputKey` of POST /uploads.'),
  request: requestSchema.optional().describe('How a query goes to the model server.'),
  tenant: tenantSchema.optional(),
  ...givenChoicesShape,
}

/** Body of `POST /jobs`. Absent limits and retries are those of the service. */
export const submitBodySchema = z
  .strictObject(shape)
  .superRefine(refuseContradictions)
  .meta({ id: 'NewJob', description: 'A job to run.', anyOf: makeVariants() })

export type SubmitBody = z.output<typeof submitBodySchema>

/** {@link refuseContradictions} as JSON Schema: for each input one variant without the others. */
function makeVariants() {
  const commandInput = { type: 'string', pattern: COMMAND_TEXT.source }
  return TASK_TYPES.flatMap((taskType) => {
    const isCommand = TASK_TYPE_FACTS[taskType].input === 'command'
    const foreign = fieldsOfOthers(taskType)
    const taken = INPUTS.filter((name) => !foreign.some((each) => each === name))
    return taken.map((name) => {
      const absent = [...foreign, ...INPUTS.filter((other) => other !== name)]
      return {
        properties: {
          taskType: { enum: [taskType] },
          ...Object.fromEntries(absent.map((each) => [each, false])),
          ...(name === 'input' && isCommand && { input: commandInput }),
        },
        ...(isCommand && { required: [name] }),
      }
    })
  })
}

function refuseContradictions(
  body: z.output<z.ZodObject<typeof shape>>,
  context: z.core.$RefinementCtx,
): void {
  const { taskType, input } = body
  const isCommand = TASK_TYPE_FACTS[taskType].input === 'command'
  const given = INPUTS.filter((name) => body[name] !== undefined)
  if (given.length > 1 || (given.length === 0 && isCommand)) {
    const allowed = `${isCommand ? 'exactly' : 'at most'} one of ${INPUTS.join(', ')}`
    const problem = given.length === 0 ? 'is missing' : 'stands beside another input'
    const path = given.at(-1) ?? 'command'
    addMistake(context, { path: [path], problem, got: body[path], allowed })
  }
  for (const name of fieldsOfOthers(taskType)) {
    if (body[name] === undefined) continue
    const problem = `means nothing for taskType ${taskType}`
    addMistake(context, { path: [name], problem, got: body[name], allowed: 'nothing' })
  }
  if (isCommand && input !== undefined && !commandSchema.safeParse(input).success) {
    const problem = 'is not the text of a command'
    addMistake(context, { path: ['input'], problem, got: input, allowed: 'a shell command line' })
  }
}
