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
    line.run(command, async ({ show, paint, connect }) => {
      const view = await connect().service()
      // Loaded only here: it brings the registry of the scaler's reasons.
      const { describeService } = await import('../describe-service.ts')
      show(view, () => describeService(view, paint, Date.now()))
      return EXIT.ok
    }),
  )
