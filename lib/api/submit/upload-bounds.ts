import { KEEP_UPLOAD_DAYS } from '../../registry/keep-upload-days.ts'

/**
 * The largest upload: what S3 takes in one PUT. A link to S3 cannot bind the size of the file, so it
 * is looked at again when a job names it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3

/** An hour before an upload may be deleted: no job is accepted whose input is about to go. */
export const MAX_UPLOAD_AGE_MS = (KEEP_UPLOAD_DAYS * 24 - 1) * 3_600_000
