import { ServiceError, showValue } from '../../registry/errors.ts'
import { KEEP_UPLOAD_DAYS } from '../../registry/agreements.ts'
import { uploadKey } from '../../job/keys.ts'
import type { Call } from '../route.ts'
import type { Payload } from './accept-job.ts'

/**
 * The largest upload: what S3 takes in one PUT. A link to S3 cannot bind the size of the file, so it
 * is looked at again when a job names it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3

/** An hour before an upload may be deleted: no job is accepted whose input is about to go. */
const MAX_UPLOAD_AGE_MS = (KEEP_UPLOAD_DAYS * 24 - 1) * 3_600_000

/**
 * The file that a job names as its input.
 *
 * @throws ServiceError `not-found` when there is no such upload of this tenant,
 *   `payload-too-large` when more was put than the link allowed
 */
export async function findUpload({ api }: Call, key: string, tenant: string): Promise<Payload> {
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
