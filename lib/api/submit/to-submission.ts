import { DEFAULT_TENANT } from '../contract/tenant.ts'
import type { SubmitBody } from '../contract/submit-body.ts'
import { ServiceError, showValue } from '../../registry/errors.ts'
import { pickChoices } from '../../job/job-choices.ts'
import type { QueryRequest } from '../../job/job.ts'
import { uploadKey } from '../../job/keys.ts'
import { TASK_TYPE_FACTS } from '../../job/task-types.ts'
import { chooseTenant } from '../auth/choose-tenant.ts'
import type { Call } from '../route.ts'
import { checkCommand } from './check-command.ts'
import type { Payload, Submission } from './submission.ts'
import { MAX_UPLOAD_AGE_MS, MAX_UPLOAD_BYTES } from './upload-bounds.ts'

/** A body of `POST /jobs` as a submission. */
export async function toSubmission(call: Call, body: SubmitBody): Promise<Submission> {
  const { taskType } = body
  const tenant = chooseTenant(call.caller, body.tenant, 'body.tenant') ?? DEFAULT_TENANT
  const { payload, contentType } = await readPayload(call, body, tenant)
  const isCommand = TASK_TYPE_FACTS[taskType].input === 'command'
  if (isCommand) checkCommandPayload(payload)
  return {
    taskType,
    tenant,
    payload,
    ...(!isCommand && { request: makeRequest(body, contentType) }),
    choices: pickChoices(body),
  }
}

function checkCommandPayload(payload: Payload): void {
  if (payload.kind === 'bytes') checkCommand(payload.bytes, 'body')
  else if (payload.bytes === 0) checkCommand(new Uint8Array(), 'body.inputKey')
}

interface ReadPayload {
  readonly payload: Payload
  readonly contentType?: string
}

async function readPayload(call: Call, body: SubmitBody, tenant: string): Promise<ReadPayload> {
  const { command, input, inputBase64, inputKey } = body
  if (inputKey !== undefined) return { payload: await findUpload(call, inputKey, tenant) }
  if (inputBase64 !== undefined) return { payload: toBytes(Buffer.from(inputBase64, 'base64')) }
  const text = command ?? input
  if (text === undefined) return { payload: toBytes(Buffer.alloc(0)) }
  if (typeof text === 'string') {
    return { payload: toBytes(Buffer.from(text)), contentType: 'text/plain; charset=utf-8' }
  }
  return { payload: toBytes(Buffer.from(JSON.stringify(text))), contentType: 'application/json' }
}

function toBytes(bytes: Buffer): Payload {
  return { kind: 'bytes', bytes }
}

/**
 * @throws ServiceError `not-found` when there is no such upload of this tenant,
 *   `payload-too-large` when more was put than the link allowed
 */
async function findUpload({ api }: Call, key: string, tenant: string): Promise<Payload> {
  const prefix = uploadKey(tenant, '')
  const isOwn = key.startsWith(prefix) && /^\d{1,30}$/.test(key.slice(prefix.length))
  const info = isOwn ? await api.files.info(key) : undefined
  const oldestMs = api.clock.now() - MAX_UPLOAD_AGE_MS
  if (info === undefined || info.modifiedAtMs < oldestMs) throw noUpload(key)
  if (info.bytes > MAX_UPLOAD_BYTES) throw tooLarge(info.bytes)
  return { kind: 'file', key, bytes: info.bytes }
}

function noUpload(key: string): ServiceError {
  return new ServiceError('not-found', 'body.inputKey names no upload', {
    details: [
      {
        path: 'body.inputKey',
        problem: 'names no upload, or one that never came or is too old',
        got: showValue(key),
        allowed: 'an inputKey of POST /uploads whose file has been put',
      },
    ],
  })
}

function tooLarge(bytes: number): ServiceError {
  return new ServiceError('payload-too-large', 'the upload that body.inputKey names is too large', {
    details: [
      {
        path: 'body.inputKey',
        problem: 'names a file that is too large',
        got: `${bytes} bytes`,
        allowed: `at most ${MAX_UPLOAD_BYTES} bytes`,
      },
    ],
  })
}

function makeRequest({ request }: SubmitBody, contentType: string | undefined): QueryRequest {
  const headers = { ...(contentType && { 'content-type': contentType }), ...request?.headers }
  return { method: request?.method ?? 'POST', path: request?.path ?? '/', headers }
}
