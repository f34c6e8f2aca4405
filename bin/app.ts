/**
 * Deploys one service: `npx cdk deploy -c service=examples/digits/service.json`.
 *
 * `-c keepJobsDays=30` deletes the files of jobs after that time; `-c corsOrigins=https://a,https://b`
 * lets pages of these origins call the API; `-c frontEndCidrs=203.0.113.0/24` lets these addresses
 * open the front end. Every other choice is a prop of `ScalableJob`, for which you write an app of
 * your own.
 */
import { App, Duration } from 'aws-cdk-lib'
import { ScalableJobStack } from '../lib/cdk/scalable-job-stack.ts'
import { formatDetails, ServiceError } from '../lib/registry/errors.ts'
import { readServiceFile } from '../lib/service/read-service-file.ts'

const EXIT_MISUSE = 2

const app = new App()
try {
  addStack(app)
  app.synth()
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  process.exit(EXIT_MISUSE)
}

function addStack(scope: App): void {
  const path = readContext('service')
  if (path === undefined) {
    throw new ServiceError('invalid-service-config', 'no service was given', {
      details: [
        {
          path: 'service',
          problem: 'is missing',
          allowed: '-c service=<path of a service.json>, such as examples/digits/service.json',
        },
      ],
    })
  }
  const service = readServiceFile(path)
  const days = readContext('keepJobsDays')
  const corsOrigins = readContext('corsOrigins')?.split(',')
  const frontEndAllowedCidrs = readContext('frontEndCidrs')?.split(',')
  // CloudFormation takes no underscore in a stack's name.
  new ScalableJobStack(scope, `ScalableJob-${service.name.replaceAll('_', '-')}`, {
    service,
    ...(days !== undefined && { jobRetention: Duration.days(Number(days)) }),
    ...(corsOrigins && { corsOrigins }),
    ...(frontEndAllowedCidrs && { frontEndAllowedCidrs }),
  })
}

/** A value of `-c name=value`, or of cdk.json, where it may be a number. */
function readContext(name: string): string | undefined {
  const value: unknown = app.node.tryGetContext(name)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

function describe(error: unknown): string {
  if (error instanceof ServiceError) return `${error.message}\n${formatDetails(error.details)}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
