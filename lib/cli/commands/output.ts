import { MAX_WAIT_SECONDS } from '../../parsing/whole-number.ts'
import type { OutputAnswer } from '../../client/answers.ts'
import type { Client } from '../../client/client.ts'
import { type Command, type CommandCall, EXIT } from '../command.ts'

const MAX_MESSAGES = 10

export const outputCommand: Command = {
  name: 'output',
  summary: 'Take messages from the output queue: ends of jobs, results, live log lines.',
  usage: '[--follow] [--keep]',
  description:
    'Prints messages of the output queue as JSON, one a line, and acknowledges them once they are printed. Each comes at least once: tell repeats by `id`. Unacknowledged ones come again after a while. Only one reader should take from a queue.',
  takes: { min: 0, max: 0 },
  options: {
    follow: { short: 'f', what: 'Go on until Ctrl-C.' },
    keep: { what: 'Do not acknowledge: the messages come again.' },
    wait: { value: 'SECONDS', what: `Longest wait for the first message, up to 20; 0.` },
    limit: { value: 'COUNT', short: 'n', what: `Messages at a time, up to ${MAX_MESSAGES}; 10.` },
  },
  examples: [{ line: 'scalable-job output --follow', what: 'Everything that ends, as it ends.' }],
  async run(call) {
    const { io, options } = call
    const follows = options.flag('follow')
    const wait = options.whole('wait', { min: 0, max: MAX_WAIT_SECONDS })
    const max = options.whole('limit', { min: 1, max: MAX_MESSAGES }) ?? MAX_MESSAGES
    const client = call.connect()
    const interrupted = new AbortController()
    const stopListening = follows ? io.onInterrupt?.(() => interrupted.abort()) : undefined
    const { signal } = interrupted
    const waitSeconds = wait ?? (follows ? MAX_WAIT_SECONDS : 0)
    try {
      for (;;) {
        const answer = await client.output({ waitSeconds, max, signal })
        await take(call, client, answer)
        if (signal.aborted) return EXIT.interrupted
        if (!follows) return EXIT.ok
      }
    } catch (error) {
      if (signal.aborted) return EXIT.interrupted
      throw error
    } finally {
      stopListening?.()
    }
  },
}

async function take(call: CommandCall, client: Client, { messages }: OutputAnswer): Promise<void> {
  const { io, options } = call
  for (const { body } of messages) io.stdout.write(`${JSON.stringify(body)}\n`)
  if (options.flag('keep') || messages.length === 0) return
  await client.ack(messages.map(({ receipt }) => receipt))
}
