import { type Command, EXIT } from '../command.ts'
import { describeService } from '../describe-service.ts'

export const serviceCommand: Command = {
  name: 'service',
  summary: 'Show how the service stands: queues, workers, decisions of the scaler and why.',
  usage: '',
  description:
    'Shows queue depths, the fleet, each worker with its slots and jobs, and the last decisions of the scaler with their reasons.',
  takes: { min: 0, max: 0 },
  options: {},
  examples: [{ line: 'scalable-job service', what: 'Why there are as many workers as there are.' }],
  async run(call) {
    const client = call.connect()
    const view = await client.service()
    const text = call.options.flag('json')
      ? `${JSON.stringify(view, null, 2)}\n`
      : describeService(view, call.paint, Date.now())
    call.io.stdout.write(text)
    return EXIT.ok
  },
}
