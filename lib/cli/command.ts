/** What a command of the command line is; one file each in `commands/`. */
import type { Client } from '../client/client.ts'
import type { Paint } from './paint.ts'
import type { Options } from './read-options.ts'

export interface CliOutput {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The outside world of a command. Entry files pass the process's own: `processIo()`. */
export interface CliIo {
  readonly stdout: CliOutput
  readonly stderr: CliOutput
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Where `--input -` reads from. */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  /** Calls `listener` on Ctrl-C instead of ending the process, until the returned function is called. */
  readonly onInterrupt?: (listener: () => void) => () => void
  /**
   * From now on output that cannot be written (its reader has gone, the disk is full) is dropped
   * and ends nothing: a service runs in this process.
   */
  readonly outliveOutput?: () => void
}

export interface OptionSpec {
  /** What stands for the value in the help, such as `SECONDS`. Absent: the option is a switch. */
  readonly value?: string
  /** May be given several times. */
  readonly many?: boolean
  readonly short?: string
  readonly what: string
}

interface CommandExample {
  readonly line: string
  readonly what: string
}

export interface CommandCall {
  readonly positionals: readonly string[]
  /** Everything after `--`, untouched. */
  readonly rest: readonly string[]
  readonly options: Options
  readonly io: CliIo
  readonly paint: Paint
  /** The API of the service that flags, environment or current folder name. */
  connect(): Client
}

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What follows the name: `<id> [--follow]`. */
  readonly usage: string
  /** More than the summary says, in whole sentences. */
  readonly description: string
  /** How many words it takes besides options; `rest` where it takes words after `--`. */
  readonly takes: { readonly min: number; readonly max: number; readonly rest?: boolean }
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly examples: readonly CommandExample[]
  /** @returns the exit code */
  run(call: CommandCall): Promise<number>
}

/** A command line that cannot be understood: shown with a hint, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const
