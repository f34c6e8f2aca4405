import { type CliCommand, makeCommand } from '../command.ts'
import { describeService } from '../describe-service.ts'
import { EXIT } from '../io.ts'

export const serviceCommand: CliCommand = (line) =>
  makeCommand({
    name: 'service',
    summary: 'Show how the service stands: queues, workers, decisions of the scaler and why.',
    description:
      'Shows queue depths, the fleet, each worker with its slots and jobs, and the last decisions of the scaler with their reasons.',
    examples: [
      { line: 'scalable-job service', what: 'Why there are as many workers as there are.' },
    ],
  }).action((_options, command) =>
    line.run(command, async ({ io, json, paint, connect }) => {
      const view = await connect().service()
      const text = json
        ? `${JSON.stringify(view, null, 2)}\n`
        : describeService(view, paint, Date.now())
      io.stdout.write(text)
      return EXIT.ok
    }),
  )
