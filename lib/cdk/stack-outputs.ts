import { CfnOutput, type Stack } from 'aws-cdk-lib'
import type { ScalableJob } from './scalable-job.ts'

/**
 * What somebody needs who has just deployed: where the API is, how to read its token, a first job,
 * where things are, and how to bring artifacts home. Commands can be pasted as they stand, but for
 * the words in capitals. No output holds a secret.
 */
export function addOutputs(stack: Stack, job: ScalableJob): void {
  const { apiUrl, tokenSecret, bucket } = job
  const add = (id: string, description: string, value: string): void => {
    new CfnOutput(stack, id, { description, value })
  }
  add('ApiUrl', 'Address of the API', apiUrl)
  add('TokenSecret', 'Secret with the tokens of the API', tokenSecret.secretArn)
  add('ReadToken', 'Puts the token where the next command finds it', readToken(stack, job))
  add(
    'SubmitJob',
    'A first job',
    `curl -X POST "${apiUrl}/jobs" -H "Authorization: $SCALABLE_JOB_TOKEN" -H "Content-Type: application/json" -d '{"taskType":"command","command":"echo hello"}'`,
  )
  add(
    'CopyArtifacts',
    "Brings a job's artifacts down from S3",
    `aws s3 cp --recursive "s3://${bucket.bucketName}/jobs/JOB_ID/ATTEMPT/artifacts/" ./artifacts`,
  )
  if (job.frontEnd !== undefined) add('FrontEnd', 'Address of the front end', job.frontEnd.url)
  if (job.monitoring.dashboardUrl !== undefined) {
    add('Dashboard', 'Jobs, workers, decisions and errors', job.monitoring.dashboardUrl)
  }
  add('Bucket', 'Files of all jobs, below jobs/<id>/<attempt>/', bucket.bucketName)
  add('CommandQueue', 'Ready messages of waiting command jobs', job.inputQueue('command').queueUrl)
  add('QueryQueue', 'Ready messages of waiting query jobs', job.inputQueue('query').queueUrl)
  add('OutputQueue', 'Ends of jobs, and what they log', job.outputQueue.queueUrl)
  add('DeadLetterQueue', 'Messages that no worker could take', job.deadLetterQueue.queueUrl)
}

function readToken({ region }: Stack, { tokenSecret }: ScalableJob): string {
  const read = `aws secretsmanager get-secret-value --region ${region} --secret-id ${tokenSecret.secretArn} --query SecretString --output text`
  return `export SCALABLE_JOB_TOKEN="$(${read} | node -p 'JSON.parse(require("fs").readFileSync(0)).token')"`
}
