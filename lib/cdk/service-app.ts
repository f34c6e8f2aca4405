import { App, type AppProps, Duration } from 'aws-cdk-lib'
import cdkJson from '../../cdk.json' with { type: 'json' }
import { ServiceError } from '../registry/errors.ts'
import { readServiceFile } from '../service/read-service-file.ts'
import type { Service } from '../service/service.ts'
import { ScalableJobStack } from './scalable-job-stack.ts'

export interface ServiceAppOptions extends Pick<AppProps, 'outdir' | 'context'> {
  /** Path of a service.json. @default the context `service` */
  readonly serviceFile?: string
}

/** A value of `-c name=value`, or of cdk.json, where it may be a number. */
type ReadContext = (name: string) => string | undefined

/**
 * The app whose one stack is a service. Its context may hold `keepJobsDays` (the files of jobs are
 * deleted after that time), `corsOrigins` (pages of these origins may call the API) and
 * `frontEndCidrs` (these addresses may open the front end); the two lists are separated by commas.
 * Every other choice is a prop of `ScalableJob`, for which you write an app of your own.
 *
 * @throws ServiceError `invalid-service-config`
 */
export function makeServiceApp({ serviceFile, context, outdir }: ServiceAppOptions = {}): {
  readonly app: App
  readonly service: Service
} {
  const app = new App({
    ...(outdir !== undefined && { outdir }),
    context: { ...cdkJson.context, ...context },
  })
  const read: ReadContext = (name) => {
    const value: unknown = app.node.tryGetContext(name)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const service = readServiceFile(serviceFile ?? read('service') ?? refuseNone())
  const days = read('keepJobsDays')
  const corsOrigins = read('corsOrigins')?.split(',')
  const frontEndAllowedCidrs = read('frontEndCidrs')?.split(',')
  // CloudFormation takes no underscore in a stack's name.
  new ScalableJobStack(app, `ScalableJob-${service.name.replaceAll('_', '-')}`, {
    service,
    ...(days !== undefined && { jobRetention: Duration.days(Number(days)) }),
    ...(corsOrigins && { corsOrigins }),
    ...(frontEndAllowedCidrs && { frontEndAllowedCidrs }),
  })
  return { app, service }
}

function refuseNone(): never {
  const allowed = '-c service=<path of a service.json>, such as examples/digits/service.json'
  const details = [{ path: 'service', problem: 'is missing', allowed }]
  throw new ServiceError('invalid-service-config', 'no service was given', { details })
}
