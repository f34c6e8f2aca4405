import type { OutputAnswer } from '../../client/answers.ts'
import type { Client } from '../../client/client.ts'
import { MAX_WAIT_SECONDS } from '../../client/get-result.ts'
import { type CliCommand, type CommandCall, makeCommand } from '../command.ts'
import { EXIT, untilInterrupted } from '../io.ts'
import { whole } from '../read-values.ts'

const MAX_MESSAGES = 10

export const outputCommand: CliCommand = (line) =>
  makeCommand({
    name: 'output',
    summary: 'Take messages from the output queue: ends of jobs, results, live log lines.',
    description:
      'Prints messages of the output queue as JSON, one a line, and acknowledges them once they are printed. Each comes at least once: tell repeats by `id`. Unacknowledged ones come again after a while. Only one reader should take from a queue.',
    examples: [{ line: 'scalable-job output --follow', what: 'Everything that ends, as it ends.' }],
  })
    .option('-f, --follow', 'Go on until Ctrl-C.')
    .option('--keep', 'Do not acknowledge: the messages come again.')
    .option(
      '--wait <SECONDS>',
      `Longest wait for the first message, up to ${MAX_WAIT_SECONDS}. 0, or ${MAX_WAIT_SECONDS} with --follow.`,
      whole(0, MAX_WAIT_SECONDS),
    )
    .option(
      '-n, --limit <COUNT>',
      `Messages at a time, up to ${MAX_MESSAGES}.`,
      whole(1, MAX_MESSAGES),
      MAX_MESSAGES,
    )
    .action(({ follow = false, keep = false, wait, limit: max }, command) =>
      line.run(command, async (call) => {
        const client = call.connect()
        const waitSeconds = wait ?? (follow ? MAX_WAIT_SECONDS : 0)
        const takeOnce = async (signal?: AbortSignal) => {
          const answer = await client.output({ waitSeconds, max, signal })
          await show(call, client, { answer, keep })
        }
        if (!follow) {
          await takeOnce()
          return EXIT.ok
        }
        return untilInterrupted(call.io, async (signal) => {
          while (!signal.aborted) await takeOnce(signal)
          return EXIT.interrupted
        })
      }),
    )

async function show(
  { io }: CommandCall,
  client: Client,
  { answer, keep }: { answer: OutputAnswer; keep: boolean },
): Promise<void> {
  const { messages } = answer
  for (const { body } of messages) io.stdout.write(`${JSON.stringify(body)}\n`)
  if (keep || messages.length === 0) return
  await client.ack(messages.map(({ receipt }) => receipt))
}
