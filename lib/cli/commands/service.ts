import { type CliCommand, makeCommand } from '../command.ts'
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
      if (json) io.stdout.write(`${JSON.stringify(view, null, 2)}\n`)
      else {
        // Loaded only here: it brings the registry of the scaler's reasons.
        const { describeService } = await import('../describe-service.ts')
        io.stdout.write(describeService(view, paint, Date.now()))
      }
      return EXIT.ok
    }),
  )
