import { isUtf8 } from 'node:buffer'
import type { NewJob } from '../client/answers.ts'
import type { Client } from '../client/client.ts'
import type { TaskType } from '../job/job.ts'
import type { CommandCall } from './command.ts'
import { UsageError } from './io.ts'
import { readInput } from './read-values.ts'

/** Larger inputs go through an upload of their own instead of the body. */
const MAX_INLINE_BYTES = 262_144

/** The options of `submit`, as they were typed. */
export interface SubmitChoices {
  readonly type: TaskType
  readonly command?: string | undefined
  readonly input?: string | undefined
  readonly path?: string | undefined
  readonly method?: string | undefined
  readonly contentType?: string | undefined
  readonly env?: Record<string, string> | undefined
  readonly tag?: Record<string, string> | undefined
  readonly runSeconds?: number | undefined
  readonly queueSeconds?: number | undefined
  readonly graceSeconds?: number | undefined
  readonly retries?: number | undefined
  readonly checkpointSeconds?: number | undefined
  readonly tenant?: string | undefined
}

/**
 * The job of a `submit` line; a large input is uploaded on the way.
 *
 * @throws UsageError where options do not go together, or the input cannot be read
 */
export async function makeJob(
  call: CommandCall,
  client: Pick<Client, 'upload'>,
  choices: SubmitChoices,
): Promise<NewJob> {
  checkType(choices, call.words)
  const { type: taskType, tag: tags, tenant, retries: maxRetries } = choices
  const { runSeconds, queueSeconds, graceSeconds } = choices
  const limits = defined({ runSeconds, queueSeconds, graceSeconds })
  const payload =
    taskType === 'command'
      ? makeCommandJob(choices, call.words)
      : await makeQuery(call, client, choices)
  return {
    taskType,
    ...payload,
    ...defined({ tags, tenant }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(maxRetries !== undefined && { retry: { maxRetries } }),
  }
}

function checkType({ type, command, input }: SubmitChoices, words: readonly string[]): void {
  const hint = 'a command job takes words after -- or --command TEXT; a query takes --input FILE'
  const isCommand = words.length > 0 || command !== undefined
  if (type === 'query') {
    if (isCommand) throw new UsageError('a query takes no command', hint)
    return
  }
  if (!isCommand) throw new UsageError('the command is missing', hint)
  if (words.length > 0 && command !== undefined) {
    throw new UsageError('--command and words after -- exclude each other', hint)
  }
  if (input !== undefined) throw new UsageError('a command job takes no --input', hint)
}

function makeCommandJob(
  { command, env, checkpointSeconds }: SubmitChoices,
  words: readonly string[],
): Partial<NewJob> {
  return { command: command ?? quoteWords(words), ...defined({ env, checkpointSeconds }) }
}

/** Words as one line of shell text that means exactly these words. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

async function makeQuery(
  { io }: CommandCall,
  client: Pick<Client, 'upload'>,
  { input, path, method, contentType, tenant }: SubmitChoices,
): Promise<Partial<NewJob>> {
  const bytes = input === undefined ? undefined : await readInput(input, io)
  const type = contentType ?? (bytes && guessContentType(bytes))
  const request = {
    ...defined({ path, method }),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  }
  const job = Object.keys(request).length === 0 ? {} : { request: request as NewJob['request'] }
  if (bytes === undefined) return job
  if (bytes.byteLength <= MAX_INLINE_BYTES) return { ...job, inputBase64: bytes.toString('base64') }
  return { ...job, inputKey: await client.upload(bytes, { tenant }) }
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

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Only what was given. */
function defined<T extends object>(given: T): Defined<T> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<T>
}
