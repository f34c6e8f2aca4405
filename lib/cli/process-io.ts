import process from 'node:process'
import type { CliIo } from './command.ts'

/** The outside world of this very process. */
export function processIo(): CliIo {
  for (const stream of [process.stdout, process.stderr]) {
    // The reader of a pipe has gone (`logs … | head`): there is nobody left to tell.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
  }
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    onInterrupt(listener) {
      process.on('SIGINT', listener)
      return () => process.off('SIGINT', listener)
    },
  }
}
