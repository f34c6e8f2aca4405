import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import packageJson from '../../package.json' with { type: 'json' }
import type { CliOutput } from '../cli/io.ts'
import { quoteWords } from '../cli/make-job.ts'
import { ServiceError } from '../registry/errors.ts'
import { CDK_APP } from '../registry/package-files.ts'
import { runProgram } from './run-program.ts'

/** Pinned: `latest` on npm is a release that was published by accident and reads no template of ours. */
export const CDK_CLI = `aws-cdk@${packageJson.devDependencies['aws-cdk']}`

export interface AwsCall {
  readonly serviceFile: string
  readonly context: Readonly<Record<string, string>>
  readonly cwd: string
}

/**
 * Writes the CloudFormation template of a service and the code that it names. Needs no account.
 *
 * @throws ServiceError `invalid-service-config`, `cdk-not-installed`
 */
export async function synthOnAws(call: AwsCall, outdir: string, output: CliOutput): Promise<void> {
  const { makeServiceApp } = await importApp()
  const { app, service } = makeServiceApp({ ...call, outdir })
  const { stacks, directory } = app.synth()
  for (const { path, why } of service.ignored) output.write(`note: ${path} ${why}\n`)
  for (const { templateFile } of stacks) {
    output.write(`${join(relative(call.cwd, directory), templateFile)}\n`)
  }
}

/**
 * Deploys a service with the CDK command line: the one that is installed, or else the one that `npx`
 * brings.
 *
 * @returns its exit code
 */
export function deployOnAws(call: AwsCall, flags: readonly string[]): Promise<number> {
  const context = Object.entries({ ...call.context, service: call.serviceFile })
  const args = [
    'deploy',
    '--app',
    // A shell runs it. It must not begin and end with a quote: the CDK command line takes those off.
    `exec ${quoteWords([process.execPath, CDK_APP])}`,
    ...context.flatMap(([name, value]) => ['--context', `${name}=${value}`]),
    ...flags,
  ]
  const installed = findCdk(call.cwd)
  if (installed !== undefined) return runProgram(process.execPath, [installed, ...args])
  return runProgram('npx', ['--yes', CDK_CLI, ...args])
}

function findCdk(cwd: string): string | undefined {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    try {
      const require = createRequire(from)
      const { version } = require('aws-cdk/package.json') as { readonly version: string }
      const folder = dirname(require.resolve('aws-cdk/package.json'))
      if (version.startsWith('2.')) return join(folder, 'bin/cdk')
    } catch {
      // Not there.
    }
  }
  return undefined
}

async function importApp(): Promise<typeof import('../cdk/service-app.ts')> {
  try {
    return await import('../cdk/service-app.ts')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const message = 'the CDK library aws-cdk-lib is not installed'
    throw new ServiceError('cdk-not-installed', message, { cause: error })
  }
}
