import { isUtf8 } from 'node:buffer'
import { TASK_TYPES, type TaskType } from '../../job/job.ts'
import type { NewJob } from '../../client/answers.ts'
import type { Client } from '../../client/client.ts'
import { type Command, type CommandCall, UsageError } from '../command.ts'
import { quoteWords } from '../quote-words.ts'
import { readInput } from '../read-input.ts'
import { showAccepted } from '../show-accepted.ts'

/** Larger inputs go through an upload of their own instead of the body. */
const MAX_INLINE_BYTES = 262_144
const MAX_SECONDS = 100_000_000

export const submitCommand: Command = {
  name: 'submit',
  summary: 'Submit a job: a command, or a query for the model server.',
  usage: '[options] [-- COMMAND WORD...]',
  description:
    'Submits one job and prints its id. What follows -- is run as exactly these words; --command takes shell text with pipes and variables. A query sends --input to the model server. The call is safe to repeat while the service is away: it makes one job.',
  takes: { min: 0, max: 0, rest: true },
  options: {
    type: { value: 'TYPE', what: 'command (default) or query.' },
    command: { value: 'TEXT', short: 'c', what: 'Shell text of a command job.' },
    input: {
      value: 'FILE',
      short: 'i',
      what: 'Body of a query, from a file or - (standard input).',
    },
    path: { value: 'PATH', what: 'Path of the model server; / unless given.' },
    method: { value: 'METHOD', what: 'HTTP method on the model server; POST unless given.' },
    'content-type': { value: 'TYPE', what: 'Content type of the input; JSON is recognised.' },
    env: { value: 'NAME=VALUE', short: 'e', many: true, what: 'Environment of a command job.' },
    tag: { value: 'NAME=VALUE', short: 't', many: true, what: 'A name and value of your own.' },
    'run-seconds': { value: 'SECONDS', what: 'Longest run of one attempt; 0: no limit.' },
    'queue-seconds': { value: 'SECONDS', what: 'Longest wait for the first attempt; 0: no limit.' },
    'grace-seconds': { value: 'SECONDS', what: 'Between SIGTERM and SIGKILL.' },
    retries: { value: 'COUNT', what: 'Further attempts after failures of the job itself.' },
    'checkpoint-seconds': { value: 'SECONDS', what: 'Between two syncs of checkpoints; 0: none.' },
    tenant: { value: 'NAME', what: 'Whom the job is for, where the token may choose.' },
    'idempotency-key': { value: 'KEY', what: 'The same key and job again make no second job.' },
    follow: { short: 'f', what: "Show the log and exit with the job's exit status." },
  },
  examples: [
    { line: 'scalable-job submit --follow -- python3 train.py --epochs 10', what: 'Train.' },
    {
      line: 'scalable-job submit --type query --path /predict --input image.json',
      what: 'Ask the model server.',
    },
  ],
  async run(call) {
    const taskType = readTaskType(call)
    const client = call.connect()
    const job = await makeJob(call, client, taskType)
    const idempotencyKey = call.options.text('idempotency-key')
    const accepted = await client.submit(
      job,
      idempotencyKey === undefined ? {} : { idempotencyKey },
    )
    return showAccepted(call, client, accepted)
  },
}

function readTaskType({ options, rest }: CommandCall): TaskType {
  const given = options.text('type') ?? 'command'
  const taskType = TASK_TYPES.find((each) => each === given)
  if (taskType === undefined) {
    throw new UsageError(`--type is ${given}`, `it is one of ${TASK_TYPES.join(', ')}`)
  }
  const [command, input] = [options.text('command'), options.text('input')]
  const hint = 'a command job takes words after -- or --command TEXT; a query takes --input FILE'
  if (taskType === 'query' && (rest.length > 0 || command !== undefined)) {
    throw new UsageError('a query takes no command', hint)
  }
  if (taskType === 'command') {
    const commands = [rest.length > 0, command !== undefined].filter(Boolean).length
    if (commands === 0) throw new UsageError('the command is missing', hint)
    if (commands > 1) throw new UsageError('--command stands beside words after --', hint)
    if (input !== undefined) throw new UsageError('a command job takes no --input', hint)
  }
  return taskType
}

async function makeJob(call: CommandCall, client: Client, taskType: TaskType): Promise<NewJob> {
  const { options, rest } = call
  const tenant = options.text('tenant')
  const payload =
    taskType === 'command'
      ? { command: options.text('command') ?? quoteWords(rest), ...commandOnly(call) }
      : await makeQuery(call, client)
  return {
    taskType,
    ...payload,
    ...(options.list('tag').length > 0 && { tags: options.pairs('tag') }),
    ...(tenant !== undefined && { tenant }),
    ...limits(call),
  }
}

function commandOnly({ options }: CommandCall): Partial<NewJob> {
  const checkpointSeconds = seconds(options, 'checkpoint-seconds')
  return {
    ...(options.list('env').length > 0 && { env: options.pairs('env') }),
    ...(checkpointSeconds !== undefined && { checkpointSeconds }),
  }
}

function limits({ options }: CommandCall): Partial<NewJob> {
  const given = {
    runSeconds: seconds(options, 'run-seconds'),
    queueSeconds: seconds(options, 'queue-seconds'),
    graceSeconds: seconds(options, 'grace-seconds'),
  }
  const maxRetries = options.whole('retries', { min: 0, max: 100 })
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return {
    ...(set.length > 0 && { limits: Object.fromEntries(set) }),
    ...(maxRetries !== undefined && { retry: { maxRetries } }),
  }
}

function seconds(options: CommandCall['options'], name: string): number | undefined {
  return options.whole(name, { min: 0, max: MAX_SECONDS })
}

async function makeQuery(call: CommandCall, client: Client): Promise<Partial<NewJob>> {
  const { options, io } = call
  const file = options.text('input')
  const bytes = file === undefined ? undefined : await readInput(file, io)
  const contentType = options.text('content-type') ?? (bytes && guessContentType(bytes))
  const request = {
    ...(options.text('path') !== undefined && { path: options.text('path') }),
    ...(options.text('method') !== undefined && { method: options.text('method') }),
    ...(contentType !== undefined && { headers: { 'content-type': contentType } }),
  }
  const job = Object.keys(request).length === 0 ? {} : { request: request as NewJob['request'] }
  if (bytes === undefined) return job
  if (bytes.byteLength <= MAX_INLINE_BYTES) return { ...job, inputBase64: bytes.toString('base64') }
  return { ...job, inputKey: await client.upload(bytes, { tenant: options.text('tenant') }) }
}

function guessContentType(bytes: Buffer): string {
  if (!isUtf8(bytes)) return 'application/octet-stream'
  try {
    JSON.parse(bytes.toString('utf8'))
    return 'application/json'
  } catch {
    return 'text/plain; charset=utf-8'
  }
}
