import type { Received } from '../../../test/adapters/aws/scripted-server.ts'

export type ServiceName = 'dynamodb' | 'sqs' | 's3' | 'ecs' | 'agent' | 'other'

/** One request to an AWS service, or to the ECS agent, as a fault sees it. */
export interface ServiceCall {
  readonly service: ServiceName
  /** The operation by its name in the API Reference; of the agent, the HTTP method. */
  readonly action: string
  readonly request: Received
  /** The parsed body of a JSON protocol; empty for the others. */
  readonly input: CallInput
}

/** The fields of requests that faults look at. */
export interface CallInput {
  readonly [name: string]: unknown
  readonly IndexName?: string
  readonly QueueUrl?: string
}

/** What a worker asks the ECS agent and the metadata endpoint; the first part names its task. */
const AGENT_PATHS = /\/(task-protection\/v1\/state|task)$/

/** `X-Amz-Target` up to the dot. */
const TARGETS: readonly (readonly [prefix: string, service: ServiceName])[] = [
  ['DynamoDB_', 'dynamodb'],
  ['AmazonSQS', 'sqs'],
  ['AmazonEC2ContainerService', 'ecs'],
]

/** Which service and operation a request is for. */
export function toServiceCall(request: Received): ServiceCall {
  const { method, path, action, headers, body } = request
  if (AGENT_PATHS.test(path)) return { service: 'agent', action: method, request, input: {} }
  const target = String(headers['x-amz-target'] ?? '')
  const service = TARGETS.find(([prefix]) => target.startsWith(prefix))?.[1]
  if (service !== undefined) {
    return { service, action, request, input: JSON.parse(String(body)) as CallInput }
  }
  // CloudWatch speaks a protocol with neither target nor bucket.
  const isOther = path.startsWith('/service/') || path === '/'
  if (isOther) return { service: 'other', action: path, request, input: {} }
  return { service: 's3', action: actionOfS3(method, path), request, input: {} }
}

/** The same request with another JSON body. */
export function withInput({ request }: ServiceCall, input: CallInput): Received {
  return { ...request, body: Buffer.from(JSON.stringify(input)) }
}

function actionOfS3(method: string, path: string): string {
  const { pathname, searchParams: query } = new URL(path, 'http://s3')
  const hasKey = pathname.split('/').filter((part) => part !== '').length > 1
  if (!hasKey) {
    if (query.has('delete')) return 'DeleteObjects'
    return method === 'GET' ? 'ListObjectsV2' : `${method} bucket`
  }
  if (query.has('uploads')) return 'CreateMultipartUpload'
  if (query.has('uploadId')) return MULTIPART_ACTIONS[method] ?? method
  return OBJECT_ACTIONS[method] ?? method
}

const MULTIPART_ACTIONS: Readonly<Record<string, string>> = {
  PUT: 'UploadPart',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
}

const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
}
