import { type CliCommand, makeCommand } from '../../cli/command.ts'
import { CDK_CLI, deployOnAws } from '../on-aws.ts'
import { makeAwsCall, makeContextOption } from './synth.ts'

export const deployCommand: CliCommand = (line) =>
  makeCommand({
    name: 'deploy',
    summary: 'Deploy a service to your AWS account.',
    description: `Without a path it takes service.json of the current folder. Needs AWS credentials, Docker, and once per account and region \`npx ${CDK_CLI} bootstrap\`. Runs the CDK command line: the one that is installed, or else one that npx brings.`,
    examples: [
      { line: 'scalable-job deploy', what: 'The service.json of this folder.' },
      {
        line: 'scalable-job deploy jobs/service.json -- --require-approval never',
        what: 'Without a question. What follows -- goes to cdk deploy.',
      },
    ],
  })
    .argument('[service.json]', 'The service.')
    .addOption(makeContextOption())
    .action((file, { context }, command) =>
      line.run(command, ({ io, words }) => deployOnAws(makeAwsCall(io, file, context), words), {
        words: true,
      }),
    )
