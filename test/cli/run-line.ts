import { Readable } from 'node:stream'
import { COMMANDS } from '../../lib/cli/commands.ts'
import type { CliIo } from '../../lib/cli/io.ts'
import { runCli } from '../../lib/cli/run-cli.ts'
import { type LiveApi, TOKEN } from '../support/a-live-api.ts'

/** What a test asks the definitions for; nothing runs. */
const UNUSED = { run: () => Promise.reject(new Error('no command runs here')) }
export const COMMAND_NAMES = COMMANDS.map((make) => make(UNUSED).name())

/** A command line that runs: what it has printed so far, and how it ends. */
export interface RunningLine {
  stdout(): string
  stderr(): string
  /** Ctrl-C. */
  interrupt(): void
  readonly code: Promise<number>
}

/** Starts one command line against a service. */
export function startLine(
  words: readonly string[],
  setting: Partial<CliIo> & { input?: string },
): RunningLine {
  const printed = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const listeners = new Set<() => void>()
  const { input, ...rest } = setting
  const io: CliIo = {
    stdout: { write: (text) => printed.stdout.push(Buffer.from(text)) },
    stderr: { write: (text) => printed.stderr.push(Buffer.from(text)) },
    env: {},
    cwd: '/',
    ...(input !== undefined && { stdin: Readable.from([input]) }),
    onInterrupt: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ...rest,
  }
  return {
    stdout: () => Buffer.concat(printed.stdout).toString('utf8'),
    stderr: () => Buffer.concat(printed.stderr).toString('utf8'),
    interrupt: () => {
      for (const listener of listeners) listener()
    },
    code: runCli(words, io, COMMANDS),
  }
}

/** Runs one command line to its end against a live API. */
export async function runLine(
  api: Pick<LiveApi, 'url' | 'folder'>,
  words: readonly string[],
  setting: Partial<CliIo> & { input?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { SCALABLE_JOB_API_URL: api.url, SCALABLE_JOB_TOKEN: TOKEN }
  const line = startLine(words, { env, cwd: api.folder, ...setting })
  const code = await line.code
  return { code, stdout: line.stdout(), stderr: line.stderr() }
}
