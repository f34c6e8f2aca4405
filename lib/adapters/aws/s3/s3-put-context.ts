import type { S3Client } from '@aws-sdk/client-s3'

export interface PutContext {
  readonly client: S3Client
  readonly bucket: string
  /** Runs one call to S3 in its bound: a large file takes many. */
  readonly bounded: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Never the same text twice: tells an object that this very put wrote. */
  readonly newToken: () => string
}

/** What every way of putting a file sends along. */
export interface PutParams {
  readonly Bucket: string
  readonly Key: string
  readonly ContentType?: string
  readonly Metadata: Record<string, string>
}

/** Sent with the call that makes the file visible: the put itself, or the end of a multipart one. */
export interface PutCondition {
  readonly IfNoneMatch?: '*'
}
