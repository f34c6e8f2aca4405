import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MAX_WAIT_SECONDS } from '../../parsing/whole-number.ts'
import type { Client } from '../../client/client.ts'
import { ApiError } from '../../client/api-error.ts'
import { type Command, EXIT } from '../command.ts'
import { exitCodeOf } from '../exit-code-of.ts'
import type { JobResult } from '../../client/answers.ts'
import { readJobId } from '../read-job-id.ts'

export const resultCommand: Command = {
  name: 'result',
  summary: 'Print what a job came to: the answer of the model, or how the command ended.',
  usage: '<id> [--wait] [--output FILE]',
  description:
    'Prints the answer of a query as the model server gave it. A job without an answer of its own gives a short JSON summary. Exits with the exit status of the job.',
  takes: { min: 1, max: 1 },
  options: {
    wait: { short: 'w', what: 'Wait until the job has ended, however long.' },
    output: { value: 'FILE', short: 'o', what: 'Write to a file instead of stdout.' },
  },
  examples: [{ line: 'scalable-job result 3711718195200000001 --wait', what: 'Wait for it.' }],
  async run(call) {
    const id = readJobId(call)
    const { io, options } = call
    const client = call.connect()
    const interrupted = new AbortController()
    const stopListening = io.onInterrupt?.(() => interrupted.abort())
    try {
      const waits = options.flag('wait')
      const result = await readResult(client, { id, waits, signal: interrupted.signal })
      const file = options.text('output')
      if (file !== undefined) await writeFile(resolve(io.cwd, file), result.body)
      else io.stdout.write(result.body)
      if (file === undefined && io.stdout.isTTY === true) io.stdout.write('\n')
      return exitCodeOf(await client.get(id))
    } catch (error) {
      if (!interrupted.signal.aborted) throw error
      io.stderr.write(`\nno longer waiting; job ${id} goes on\n`)
      return EXIT.interrupted
    } finally {
      stopListening?.()
    }
  },
}

async function readResult(
  client: Client,
  { id, waits, signal }: { id: string; waits: boolean; signal: AbortSignal },
): Promise<JobResult> {
  for (;;) {
    try {
      return await client.result(id, { waitSeconds: waits ? MAX_WAIT_SECONDS : 0, signal })
    } catch (error) {
      const isEarly = error instanceof ApiError && error.code === 'job-not-ended'
      if (!waits || !isEarly) throw error
    }
  }
}
