import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { S3Client } from '@aws-sdk/client-s3'
import { startEmulator } from '../adapters/aws/emulator.ts'
import { findFreePort } from '../../worker/query/model.ts'
import { bootstrap, publish } from './bootstrap.ts'
import { type CreatedStack, createStack } from './create-stack.ts'
import { type FittedTemplate, fitTemplate } from './fit-template.ts'
import { installLambdaNode } from './lambda-node.ts'
import { type DigitsAssembly, synthDigits } from './synth-digits.ts'

const REGION = 'us-east-1'
const ACCOUNT = '123456789012'
/** Where the default synthesizer of CDK expects assets. */
const ASSETS = `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`
const TEMPLATE = 'fitted.template.json'

export interface DeployedDigits {
  readonly assembly: DigitsAssembly
  readonly fitted: FittedTemplate
  readonly stack: CreatedStack
  /** Address of the API. */
  readonly apiUrl: string
  readonly at: { readonly region: string; readonly endpoint: string }
  /** A folder that goes with it. */
  readonly folder: string
  stop(): Promise<void>
}

/** The digits example on an emulator's CloudFormation, with what `cdk deploy` does around it. */
export async function deployDigits(): Promise<DeployedDigits> {
  const assembly = synthDigits(await findFreePort())
  const fitted = fitTemplate(assembly.template)
  const folder = await mkdtemp(join(tmpdir(), 'scalable-job-deployed-'))
  const emulator = await startEmulator('ministack', {
    MINISTACK_ACCOUNT_ID: ACCOUNT,
    PATH: await installLambdaNode(join(folder, 'bin')),
    // It ends the name of the API, which is no host name when it ends with a number.
    MINISTACK_HOST: 'localhost',
    SERVICES: '',
  })
  const stop = async (): Promise<void> => {
    await emulator.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const at = { region: REGION, endpoint: emulator.endpoint }
  try {
    const stack = await deploy(at, assembly, { fitted, folder })
    const apiUrl = toLocalUrl(stack.outputs['ApiUrl'] ?? '', emulator.endpoint)
    return { assembly, fitted, stack, apiUrl, at, folder, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Where = DeployedDigits['at']

/** Uploads the assets, among them the template, and creates the stack from it. */
async function deploy(
  at: Where,
  { stackName, files }: DigitsAssembly,
  { fitted, folder }: { fitted: FittedTemplate; folder: string },
): Promise<CreatedStack> {
  const cloudFormation = new CloudFormationClient(at)
  const s3 = new S3Client(at)
  try {
    await bootstrap(cloudFormation, ASSETS)
    const path = join(folder, TEMPLATE)
    await writeFile(path, JSON.stringify(fitted.template))
    await publish(s3, ASSETS, [...files, { path, packaging: 'file', objectKey: TEMPLATE }])
    // A template of this size cannot be part of the call: 51,200 bytes at most.
    const TemplateURL = `${at.endpoint}/${ASSETS}/${TEMPLATE}`
    return await createStack(cloudFormation, { StackName: stackName, TemplateURL })
  } finally {
    cloudFormation.destroy()
    s3.destroy()
  }
}

/**
 * The emulator's name for the API, `<id>.execute-api.localhost`, is not resolved everywhere. The
 * same API stands below a path of its own address.
 */
function toLocalUrl(apiUrl: string, endpoint: string): string {
  const [apiId = ''] = new URL(apiUrl).hostname.split('.')
  return `${endpoint}/_aws/execute-api/${apiId}/$default`
}
