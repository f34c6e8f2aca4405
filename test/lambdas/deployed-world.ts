import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { openAwsStore, type AwsStore } from '../../lib/adapters/aws/open-aws.ts'
import { ENV } from '../../lib/registry/env.ts'
import { createQueues } from '../adapters/aws/create-queues.ts'
import { createTable } from '../adapters/aws/create-table.ts'
import { type Emulator, startEmulator } from '../adapters/aws/emulator.ts'
import { type ScriptedServer, startScripted } from '../adapters/aws/scripted-server.ts'

const REGION = 'us-east-1'
const TABLE = 'jobs'
const BUCKET = 'files'
const CLUSTER = 'workers'
const SIDES = { a: 'side-a', b: 'side-b' }
const SECRET = 'tokens'

/** SQS itself takes 1 MiB. */
const EMULATOR_MAX_BYTES = 262_144

export const TOKEN = 'the-first-token'

/** What the stack makes beside the functions, as far as an emulator has it. */
export interface DeployedWorld {
  /** Each function's environment, as the stack sets it, and where the emulator is. */
  readonly env: Readonly<Record<string, string>>
  readonly store: AwsStore
  /** Stands for Lambda: every kick arrives here. */
  readonly lambda: ScriptedServer
  putSecret(value: string): Promise<void>
  /** What each side of the fleet is asked to run. */
  desired(): Promise<Record<string, number | undefined>>
  stop(): Promise<void>
}

export async function deployWorld(version: string): Promise<DeployedWorld> {
  const emulator = await startEmulator('ministack')
  const { endpoint } = emulator
  const at = { region: REGION, endpoint }
  const lambda = await startScripted(() => ({ status: 202, body: '' }))
  const secrets = new SecretsManagerClient(at)
  const ecs = new ECSClient(at)
  await createTable(endpoint)
  await createBucket(at)
  const queueUrls = await createQueues(endpoint, {
    maxReceives: 1000,
    maxMessageBytes: EMULATOR_MAX_BYTES,
  })
  const SecretString = JSON.stringify({ token: TOKEN })
  await secrets.send(new CreateSecretCommand({ Name: SECRET, SecretString }))
  const taskDefinitionArn = await createFleet(ecs, version)
  const store = openAwsStore({ ...at, tableName: TABLE, bucketName: BUCKET, queueUrls })
  return {
    env: toEnv({ emulator, lambda, queueUrls, taskDefinitionArn }),
    store,
    lambda,
    putSecret: async (value) => {
      await secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString: value }))
    },
    desired: () => readDesired(ecs),
    stop: async () => {
      secrets.destroy()
      ecs.destroy()
      await store.close()
      await lambda.stop()
      await emulator.stop()
    },
  }
}

interface Addresses {
  readonly taskDefinitionArn: string
  readonly emulator: Emulator
  readonly lambda: ScriptedServer
  readonly queueUrls: Readonly<Record<string, string>>
}

function toEnv(addresses: Addresses): Record<string, string> {
  const { emulator, lambda, queueUrls, taskDefinitionArn } = addresses
  return {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    [ENV.tableName.name]: TABLE,
    [ENV.bucketName.name]: BUCKET,
    [ENV.queueUrls.name]: JSON.stringify(queueUrls),
    [ENV.clusterName.name]: CLUSTER,
    [ENV.ecsServices.name]: JSON.stringify(SIDES),
    [ENV.taskDefinition.name]: taskDefinitionArn,
    [ENV.tokenSecret.name]: SECRET,
    [ENV.scalerFunction.name]: 'scaler',
    [ENV.apiVersion.name]: '0.0.0-test',
    [ENV.serviceFile.name]: 'service.json',
    [ENV.logLevel.name]: 'info',
  }
}

async function createBucket(at: { region: string; endpoint: string }): Promise<void> {
  const s3 = new S3Client(at)
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  s3.destroy()
}

/** Answers the ARN of the worker's task definition. */
async function createFleet(ecs: ECSClient, version: string): Promise<string> {
  const environment = [{ name: ENV.version.name, value: version }]
  const containerDefinitions = [{ name: 'worker', image: 'image', memory: 128, environment }]
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }))
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({ family: 'worker', containerDefinitions }),
  )
  for (const serviceName of Object.values(SIDES)) {
    const service = { cluster: CLUSTER, serviceName, taskDefinition: 'worker', desiredCount: 0 }
    await ecs.send(new CreateServiceCommand(service))
  }
  return taskDefinition?.taskDefinitionArn ?? ''
}

async function readDesired(ecs: ECSClient): Promise<Record<string, number | undefined>> {
  const command = new DescribeServicesCommand({ cluster: CLUSTER, services: Object.values(SIDES) })
  const { services = [] } = await ecs.send(command)
  return Object.fromEntries(
    services.map(({ serviceName, desiredCount }) => [serviceName ?? '', desiredCount]),
  )
}
