import { open } from 'node:fs/promises'
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { PutFile } from '../../../ports/files.ts'
import { PortUnavailable } from '../../../ports/port-unavailable.ts'
import { isAbsent, isPutAnswer, isTaken, isUndecided } from './s3-answers.ts'
import {
  PART_BYTES,
  type PutCondition,
  type PutContext,
  type PutParams,
  putParts,
  readPart,
} from './s3-put-parts.ts'

/** Metadata of every object: which put wrote it. */
const TOKEN = 'put-token'
const MAX_TRIES = 4

/**
 * Puts one file, whole or not at all. When S3 says that the key exists, or that the upload is gone,
 * the object that stands decides: its token tells whether an earlier try of this put had succeeded.
 */
export async function putFile(context: PutContext, file: PutFile): Promise<'stored' | 'exists'> {
  const token = context.newToken()
  const params: PutParams = {
    Bucket: context.bucket,
    Key: file.key,
    ...(file.contentType !== undefined && { ContentType: file.contentType }),
    Metadata: { [TOKEN]: token },
  }
  for (let round = 1; ; round += 1) {
    try {
      await sendFile(context, params, file)
      return 'stored'
    } catch (error) {
      if (!isPutAnswer(error)) throw error
      const mine = !isUndecided(error) && (await carriesToken(context, file.key, token))
      if (mine) return 'stored'
      if (isTaken(error)) return 'exists'
      if (round >= MAX_TRIES) throw new PortUnavailable('files', 'put', error)
    }
  }
}

async function carriesToken(
  { client, bucket, bounded }: PutContext,
  key: string,
  token: string,
): Promise<boolean> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key })
  try {
    const { Metadata } = await bounded((signal) => client.send(command, { abortSignal: signal }))
    return Metadata?.[TOKEN] === token
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

async function sendFile(context: PutContext, params: PutParams, file: PutFile): Promise<void> {
  const condition: PutCondition = file.ifAbsent === true ? { IfNoneMatch: '*' } : {}
  const { body } = file
  if (typeof body === 'string' || body instanceof Uint8Array) {
    await sendWhole(context, { ...params, ...condition }, body)
    return
  }
  const source = await open(body.path)
  try {
    const { size } = await source.stat()
    if (size > PART_BYTES) {
      await putParts(context, { params, condition, source, bytes: size })
    } else {
      const whole = await readPart(source, { start: 0, bytes: size })
      await sendWhole(context, { ...params, ...condition }, whole)
    }
  } finally {
    await source.close()
  }
}

async function sendWhole(
  { client, bounded }: PutContext,
  params: PutParams & PutCondition,
  body: string | Uint8Array,
): Promise<void> {
  const command = new PutObjectCommand({
    ...params,
    Body: body,
    // Given here, because the SDK does not find the length of an empty body.
    ContentLength: Buffer.byteLength(body),
  })
  await bounded((signal) => client.send(command, { abortSignal: signal }))
}
