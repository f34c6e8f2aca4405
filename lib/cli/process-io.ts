import process from 'node:process'
import { type CliIo, EXIT } from './io.ts'

/** The outside world of this very process. */
export function processIo(): CliIo {
  let isOutlived = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!isOutlived) endWithoutOutput(stream, error)
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
    outliveOutput() {
      isOutlived = true
    },
  }
}

function endWithoutOutput(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): never {
  // The reader of a pipe has gone (`logs … | head`): there is nobody left to tell.
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  if (stream !== process.stderr) {
    process.stderr.write(`error: the output cannot be written: ${error.message}\n`)
  }
  process.exit(EXIT.failed)
}
