/**
 * Every environment variable, in one registry: what sets a variable and what reads it share one
 * definition, and docs/reference/env.md is made from it.
 */

export interface EnvVariable {
  readonly name: string
  readonly what: string
  readonly default?: string
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Read by a worker, a Lambda or the command line. */
export const ENV = {
  backend: {
    name: 'SCALABLE_JOB_BACKEND',
    what: 'Which adapters to use: `embedded` (one machine) or `aws`.',
    default: 'embedded',
  },
  stateDir: {
    name: 'SCALABLE_JOB_STATE_DIR',
    what: 'Embedded: the folder that holds database and files.',
    default: '.scalable-job',
  },
  serviceFile: {
    name: 'SCALABLE_JOB_SERVICE_FILE',
    what: 'Workers and Lambdas: path of the serialised service that this process serves.',
  },
  serviceDir: {
    name: 'SCALABLE_JOB_SERVICE_DIR',
    what: 'Folder of service.json; on AWS the working directory of the image. Jobs and the model server see it too.',
  },
  workerId: {
    name: 'SCALABLE_JOB_WORKER_ID',
    what: 'Id of this worker; on ECS made from the task ARN.',
  },
  taskId: {
    name: 'SCALABLE_JOB_TASK_ID',
    what: "The fleet's name for this worker's process; on ECS read from the metadata endpoint.",
  },
  version: {
    name: 'SCALABLE_JOB_VERSION',
    what: 'The worker version, in the task definition of every worker on AWS. Set by the supervisor on one machine.',
  },
  workDir: {
    name: 'SCALABLE_JOB_WORK_ROOT',
    what: 'Folder below which each attempt gets its own working folder.',
  },
  groupDir: {
    name: 'SCALABLE_JOB_GROUP_DIR',
    what: 'Embedded: where guards record what they started. Set by the supervisor.',
  },
  logLevel: {
    name: 'SCALABLE_JOB_LOG_LEVEL',
    what: '`debug`, `info`, `warn` or `error`.',
    default: 'info',
  },
  token: {
    name: 'SCALABLE_JOB_TOKEN',
    what: 'Command line: the token sent to the API.',
  },
  apiUrl: {
    name: 'SCALABLE_JOB_API_URL',
    what: 'Command line, front ends and jobs: address of the API.',
  },
  agentUri: {
    name: 'ECS_AGENT_URI',
    what: 'Base address of the ECS agent endpoint (task protection). Set by ECS or the supervisor.',
  },
  supervisorUri: {
    name: 'SCALABLE_JOB_SUPERVISOR_URI',
    what: 'Embedded: where a worker kicks the scaler. Set by the supervisor.',
  },
  tableName: { name: 'SCALABLE_JOB_TABLE', what: 'AWS: name of the DynamoDB table.' },
  bucketName: { name: 'SCALABLE_JOB_BUCKET', what: 'AWS: name of the S3 bucket.' },
  queueUrls: {
    name: 'SCALABLE_JOB_QUEUE_URLS',
    what: 'AWS: JSON object from queue name (command, query, output, dead) to SQS URL.',
  },
  jobRole: {
    name: 'SCALABLE_JOB_JOB_ROLE',
    what: 'AWS, workers: ARN of the role that jobs, the init command and the model server act as.',
  },
  clusterName: { name: 'SCALABLE_JOB_CLUSTER', what: 'AWS: name of the ECS cluster.' },
  tokenSecret: {
    name: 'SCALABLE_JOB_TOKEN_SECRET',
    what: 'AWS: ARN of the secret that holds the tokens of the API.',
  },
  scalerFunction: {
    name: 'SCALABLE_JOB_SCALER_FUNCTION',
    what: 'AWS: name of the Lambda function that a submitted job kicks.',
  },
  apiVersion: {
    name: 'SCALABLE_JOB_API_VERSION',
    what: 'AWS: the version of Scalable Job that the API reports.',
  },
  ecsServices: {
    name: 'SCALABLE_JOB_ECS_SERVICES',
    what: 'AWS: JSON object from side (a, b) to ECS service name.',
  },
  taskDefinition: {
    name: 'SCALABLE_JOB_TASK_DEFINITION',
    what: 'AWS: ARN, with revision, of the task definition of the worker that was deployed last.',
  },
  machines: {
    name: 'SCALABLE_JOB_MACHINES',
    what: 'AWS: JSON object with the Auto Scaling groups that the scaler sizes, the preferred one first (`groups`), and the seconds that an empty machine is kept (`idleSeconds`).',
  },
} as const satisfies Record<string, EnvVariable>

/** Seen by every command job (and, without the job's own ones, by the model server). */
export const JOB_ENV = {
  id: { name: 'SCALABLE_JOB_ID', what: 'Id of the job.' },
  attempt: { name: 'SCALABLE_JOB_ATTEMPT', what: 'Number of this attempt, from 1.' },
  service: { name: 'SCALABLE_JOB_SERVICE', what: 'Name of the service.' },
  tenant: { name: 'SCALABLE_JOB_TENANT', what: 'Whom the job is for.' },
  workDir: { name: 'SCALABLE_JOB_WORK_DIR', what: 'The working folder, empty at the start.' },
  artifactsDir: {
    name: 'SCALABLE_JOB_ARTIFACTS_DIR',
    what: 'Everything written here is kept, with its checksum.',
  },
  checkpointDir: {
    name: 'SCALABLE_JOB_CHECKPOINT_DIR',
    what: 'Synced while the job runs; the next attempt finds what was synced last.',
  },
  port: { name: 'PORT', what: 'Model server: the port to listen on.' },
  credentialsUri: {
    name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    what: "AWS: where the SDKs find this job's credentials by themselves; on 127.0.0.1, until the job ends.",
  },
  credentialsToken: {
    name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN',
    what: 'AWS: what the SDKs show there. A secret of this job.',
  },
  metadataDisabled: {
    name: 'AWS_EC2_METADATA_DISABLED',
    what: 'AWS: `true`, so that no SDK falls back to the role of the machine.',
  },
} as const satisfies Record<string, EnvVariable>
