import type { Log } from '../../../lib/ports/log.ts'

/** Says nothing, unless WORKER_TEST_LOG is set. */
export const quietLog: Log = { debug: say, info: say, warn: say, error: say, with: () => quietLog }

function say(message: string, fields?: object): void {
  if (process.env['WORKER_TEST_LOG'] === undefined) return
  process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`)
}
