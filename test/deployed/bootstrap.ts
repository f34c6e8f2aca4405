import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { createStack } from './create-stack.ts'
import type { FileAsset } from './synth-digits.ts'

/** Of this version on a stack with the default synthesizer may be deployed. */
const BOOTSTRAP_VERSION = '6'

/** What `cdk bootstrap` leaves in an account, as far as stacks refer to it. */
export async function bootstrap(client: CloudFormationClient, bucketName: string): Promise<void> {
  const TemplateBody = JSON.stringify({
    Resources: {
      StagingBucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: bucketName } },
      CdkBootstrapVersion: {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Type: 'String',
          Name: '/cdk-bootstrap/hnb659fds/version',
          Value: BOOTSTRAP_VERSION,
        },
      },
    },
  })
  await createStack(client, { StackName: 'CDKToolkit', TemplateBody })
}

/** Puts the assets where the template says, as `cdk deploy` does. */
export async function publish(
  client: S3Client,
  bucketName: string,
  files: readonly FileAsset[],
): Promise<void> {
  for (const { path, packaging, objectKey } of files) {
    const Body = packaging === 'zip' ? await zip(path) : await readFile(path)
    await client.send(new PutObjectCommand({ Bucket: bucketName, Key: objectKey, Body }))
  }
}

/** Packed by Python, which is there wherever the emulator is. */
async function zip(folder: string): Promise<Buffer> {
  const out = await mkdtemp(join(tmpdir(), 'scalable-job-zip-'))
  try {
    const file = join(out, 'code.zip')
    const args = ['-m', 'zipfile', '-c', file, ...(await readdir(folder))]
    await promisify(execFile)('python3', args, { cwd: folder })
    return await readFile(file)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}
