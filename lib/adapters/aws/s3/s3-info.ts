import type { FileInfo } from '../../../ports/files.ts'

interface Described {
  readonly ContentLength?: number | undefined
  readonly ContentRange?: string | undefined
  readonly ContentType?: string | undefined
  readonly LastModified?: Date | undefined
}

/**
 * What S3 tells of an object. Of a range, S3 gives the length of the piece; the size of the whole stands in `ContentRange`. Times
 * are those of its headers, in whole seconds, so that a list and a look at one file agree.
 */
export function toInfo(key: string, described: Described): FileInfo {
  const { ContentLength, ContentRange, ContentType, LastModified } = described
  if (ContentLength === undefined) throw new Error(`S3 gave no size of ${key}`)
  const whole = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1])
  return {
    key,
    bytes: whole,
    modifiedAtMs: Math.floor((LastModified?.getTime() ?? 0) / 1000) * 1000,
    ...(ContentType !== undefined && { contentType: ContentType }),
  }
}
