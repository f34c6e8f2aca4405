import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import { type CliCommand, makeCommand } from '../../cli/command.ts'
import { type CliIo, EXIT } from '../../cli/io.ts'
import { pair } from '../../cli/read-values.ts'
import { type AwsCall, synthOnAws } from '../on-aws.ts'

export const synthCommand: CliCommand = (line) =>
  makeCommand({
    name: 'synth',
    summary: 'Write the CloudFormation template of a service.',
    description:
      'Without a path it takes service.json of the current folder. Needs no account, no network and no Docker.',
    examples: [{ line: 'scalable-job synth', what: 'The service.json of this folder.' }],
  })
    .argument('[service.json]', 'The service.')
    .option('-o, --output <FOLDER>', 'Folder of the template.', 'cdk.out')
    .addOption(makeContextOption())
    .action((file, { output, context }, command) =>
      line.run(command, async ({ io }) => {
        await synthOnAws(makeAwsCall(io, file, context), resolve(io.cwd, output), io.stdout)
        return EXIT.ok
      }),
    )

export function makeContextOption() {
  return new Option(
    '-c, --context <NAME=VALUE>',
    'keepJobsDays=30 deletes the files of jobs after that time; corsOrigins=https://a,https://b lets pages of these origins call the API; frontEndCidrs=203.0.113.0/24 lets these addresses open the front end. May be given several times.',
  ).argParser(pair)
}

export function makeAwsCall(
  { cwd }: CliIo,
  file = 'service.json',
  context: AwsCall['context'] = {},
): AwsCall {
  return { serviceFile: resolve(cwd, file), context, cwd }
}
