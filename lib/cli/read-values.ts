/** How the texts of options and words are read. Each throws with what is allowed. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import { isJobId } from '../job/job-id.ts'
import { type CliIo, UsageError } from './io.ts'

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= min && number <= max) return number
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

/** `NAME=VALUE` as its two parts. */
export function onePair(text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return [text.slice(0, at), text.slice(at + 1)]
}

/** One more `NAME=VALUE`; the last of a name wins. */
export function pair(
  text: string,
  others: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  // Not by assignment: a name may be `__proto__`.
  return Object.fromEntries([...Object.entries(others ?? {}), onePair(text)])
}

export function jobId(text: string): string {
  if (isJobId(text)) return text
  const hint = 'a job id has 19 digits; scalable-job list shows those of the last jobs'
  throw new UsageError(`${text} is not a job id`, hint)
}

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws UsageError when it cannot be read
 */
export async function readInput(file: string, { stdin, cwd }: CliIo): Promise<Buffer> {
  if (file !== '-') {
    return readFile(resolve(cwd, file)).catch((error: Error) => {
      throw new UsageError(`the input cannot be read: ${error.message}`)
    })
  }
  if (stdin === undefined) throw new UsageError('there is no standard input to read')
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
