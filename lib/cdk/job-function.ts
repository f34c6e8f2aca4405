import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Duration, FileSystem, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import {
  type ICommandHooks,
  LogLevel,
  NodejsFunction,
  OutputFormat,
} from 'aws-cdk-lib/aws-lambda-nodejs'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { ENV } from '../registry/env.ts'
import { toDeployedText } from '../service/deployed-service.ts'
import type { Service } from '../service/service.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const SERVICE_FILE = 'service.json'
/** CommonJS packages in an ES module ask for `require`. */
const REQUIRE =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

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
 * One Lambda function: bundled by esbuild on this machine with its SDK, so that what was tested is
 * what runs; a role that may write its own log and nothing else; its log kept for 30 days. Not
 * minified, so that stack traces can be read. No concurrency is reserved: accounts that start with
 * ten executions in all would refuse the deploy.
 */
export class JobFunction extends Construct implements iam.IGrantable {
  readonly function: NodejsFunction
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
    this.function = new NodejsFunction(this, 'Function', {
      ...codeOf(program, service && putServiceBeside(service, folder)),
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
    rmSync(folder, { recursive: true }) // the code is bundled by now
  }
}

function codeOf(program: string, commandHooks: ICommandHooks | undefined) {
  return {
    entry: join(ROOT, 'lambdas', `${program}.ts`),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      mainFields: ['module', 'main'],
      bundleAwsSDK: true,
      banner: REQUIRE,
      logLevel: LogLevel.WARNING,
      ...(commandHooks && { commandHooks }),
    },
  }
}

/** Lays the compiled service beside the bundle; an environment variable would hold 4 KB at most. */
function putServiceBeside(service: Service, folder: string): ICommandHooks {
  const file = join(folder, SERVICE_FILE)
  writeFileSync(file, toDeployedText(service))
  return {
    beforeInstall: () => [],
    beforeBundling: () => [],
    afterBundling: (_inputDir: string, outputDir: string) => [
      `cp ${quote(file)} ${quote(join(outputDir, SERVICE_FILE))}`,
    ],
  }
}

function quote(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`
}
