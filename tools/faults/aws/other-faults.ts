import { json, xmlError } from '../../../test/adapters/aws/scripted-server.ts'
import type { Fault } from './fault.ts'

/** S3 begins to answer while it still puts the parts together, and fails behind the status 200. */
export const errorBehindSuccess: Fault = {
  kind: 'error behind a status 200',
  hits: ({ service, action }) => service === 's3' && action === 'CompleteMultipartUpload',
  answer: async () => ({ ...xmlError('InternalError', 200) }),
}

/** Two writes of one key met. Source: Amazon S3 User Guide, "Conditional writes". */
export const putConflict: Fault = {
  kind: 'conflict of two puts',
  hits: ({ service, action, request }) =>
    service === 's3' && action === 'PutObject' && request.headers['if-none-match'] !== undefined,
  answer: async () => xmlError('ConditionalRequestConflict', 409),
}

/** More tasks would be protected than are wanted: status 200, and a failure. */
export const protectionRefused: Fault = {
  kind: 'protection refused',
  hits: ({ service, action }) => service === 'agent' && action === 'PUT',
  answer: async () =>
    json({ failure: { Arn: 'task', Detail: null, Reason: 'DEPLOYMENT_BLOCKED' } }),
}

/** Something else than the agent answers. */
export const agentGarbage: Fault = {
  kind: 'agent answers garbage',
  hits: ({ service }) => service === 'agent',
  answer: async () => ({ status: 200, body: '<html>It works!</html>' }),
}
