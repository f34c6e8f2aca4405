import { type CliIo, EXIT } from './io.ts'

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
