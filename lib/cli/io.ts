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

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** A command line that cannot be understood: shown with a hint, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/**
 * Runs until it ends by itself or Ctrl-C stops it.
 *
 * @param note what is said on stderr once Ctrl-C has stopped it
 * @returns its exit code, or 130
 */
export async function untilInterrupted(
  io: CliIo,
  action: (signal: AbortSignal) => Promise<number>,
  note?: string,
): Promise<number> {
  const interrupted = new AbortController()
  const { signal } = interrupted
  const stopListening = io.onInterrupt?.(() => interrupted.abort())
  try {
    return await action(signal)
  } catch (error) {
    if (!signal.aborted) throw error
    if (note !== undefined) io.stderr.write(`\n${note}`)
    return EXIT.interrupted
  } finally {
    stopListening?.()
  }
}
