import { type CliCommand, makeCommand } from '../../../lib/cli/command.ts'
import { onServiceNode } from '../../../lib/local/run-program.ts'

export const demoCommand: CliCommand = (line) =>
  makeCommand({
    name: 'demo',
    summary: 'Show the whole service at work: real trainings, scaled, then served and asked.',
    description:
      'Starts the service of examples/digits on free ports in a folder of its own, trains five classifiers of handwritten digits, asks the best of them and shows what the scaler decides. Needs python3. Takes one to two minutes.',
    examples: [{ line: 'scalable-job demo', what: 'The whole story.' }],
  }).action((_options, command) =>
    line.run(command, (call) =>
      onServiceNode(async () => (await import('./play-demo.ts')).playDemo(call)),
    ),
  )
