import {
  type Answer,
  json,
  jsonError,
  xmlError,
} from '../../../test/adapters/aws/scripted-server.ts'
import type { Fault } from './fault.ts'
import type { ServiceCall, ServiceName } from './service-call.ts'

type Errors = Readonly<Partial<Record<ServiceName, (call: ServiceCall) => Answer>>>

/** Fails calls of the services that have such an answer, before they take effect. */
function failing(kind: string, errors: Errors): Fault {
  return {
    kind,
    hits: ({ service }) => errors[service] !== undefined,
    answer: async (call) => errors[call.service]?.(call) ?? 'drop',
  }
}

/** Each service has a name of its own for it. Source: "Common errors" of each API Reference. */
export const throttled = failing('throttled', {
  dynamodb: () => dynamoError('dynamodb.v20120810#ProvisionedThroughputExceededException', 400),
  sqs: () => sqsError('RequestThrottled', 400),
  s3: (call) => s3Error(call, 'SlowDown', 503),
  ecs: () => jsonError('ThrottlingException'),
  agent: () => agentError('ThrottlingException', 429),
})

/** DynamoDB's answer while a table or account is over its limit for a control or data plane. */
export const accountThrottled = failing('throttled, account', {
  dynamodb: () => jsonError('com.amazon.coral.availability#ThrottlingException'),
})

export const serverFault = failing('status 500', {
  dynamodb: () => dynamoError('dynamodb.v20120810#InternalServerError', 500),
  sqs: () => sqsError('InternalFailure', 500),
  s3: (call) => s3Error(call, 'InternalError', 500),
  ecs: () => jsonError('ServerException', 500),
  agent: () => agentError('ServerException', 500),
})

export const unavailable = failing('status 503', {
  dynamodb: () => jsonError('ServiceUnavailable', 503),
  sqs: () => sqsError('ServiceUnavailable', 503),
  s3: (call) => s3Error(call, 'ServiceUnavailable', 503),
  ecs: () => jsonError('ServiceUnavailableException', 503),
  agent: () => ({ status: 503, body: '<html>Service Unavailable</html>' }),
})

function dynamoError(name: string, status: number): Answer {
  return jsonError(`com.amazonaws.${name}`, status)
}

/** SQS names an error of its JSON protocol, and beside it the one of its older protocol. */
function sqsError(name: string, status: number): Answer {
  const error = jsonError(`com.amazonaws.sqs#${name}`, status)
  const fault = status < 500 ? 'Sender' : 'Receiver'
  return { ...error, headers: { ...error.headers, 'x-amzn-query-error': `${name};${fault}` } }
}

/** The answer to a HEAD has no body to name its error. */
function s3Error({ request }: ServiceCall, code: string, status: number): Answer {
  const error = xmlError(code, status)
  return request.method === 'HEAD' ? { ...error, body: '' } : error
}

/** Source: amazon-ecs-agent, the errors of its task protection endpoint. */
function agentError(Code: string, status: number): Answer {
  return json({ requestID: 'for-the-test', error: { Arn: 'task', Code, Message: Code } }, status)
}
