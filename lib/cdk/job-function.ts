import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Duration, FileSystem, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { ENV } from '../registry/env.ts'
import { LAMBDAS_FOLDER } from '../registry/package-files.ts'
import { serialiseForFunctions } from '../service/serialised-service.ts'
import type { Service } from '../service/service.ts'

const SERVICE_FILE = 'service.json'

export interface JobFunctionProps {
  /** The file of `lambdas/` that is the program. */
  readonly program: 'api' | 'authorizer' | 'scaler'
  readonly description: string
  readonly memoryMib: number
  readonly timeout: Duration
  readonly environment: Readonly<Record<string, string>>
  /** Travels in the function's code, without its secrets. Absent: the program needs none. */
  readonly service?: Service
}

/**
 * One Lambda function: a program of the package, built with its SDK, so that what was tested is what
 * runs; a role that may write its own log and nothing else; its log kept for 30 days. No concurrency
 * is reserved: accounts that start with ten executions in all would refuse the deploy.
 */
export class JobFunction extends Construct implements iam.IGrantable {
  readonly function: lambda.Function
  readonly grantPrincipal: iam.IPrincipal

  constructor(scope: Construct, id: string, props: JobFunctionProps) {
    super(scope, id)
    const { program, service, description, memoryMib, timeout, environment } = props
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    })
    logGroup.grantWrite(role)
    this.grantPrincipal = role.grantPrincipal
    const folder = FileSystem.mkdtemp('scalable-job-')
    this.function = new lambda.Function(this, 'Function', {
      code: codeOf(program, service, folder),
      handler: 'index.handler',
      description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: memoryMib,
      timeout,
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      environment: { ...environment, ...(service && { [ENV.serviceFile.name]: SERVICE_FILE }) },
    })
    rmSync(folder, { recursive: true }) // the assembly has a copy by now
  }
}

/** The built program, with the compiled service beside it: a variable would hold 4 KB at most. */
function codeOf(program: string, service: Service | undefined, folder: string): lambda.Code {
  cpSync(join(LAMBDAS_FOLDER, program), folder, { recursive: true })
  if (service) writeFileSync(join(folder, SERVICE_FILE), serialiseForFunctions(service))
  return lambda.Code.fromAsset(folder)
}
