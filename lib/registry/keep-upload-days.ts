/** How long an upload is kept that no job names. */
export const KEEP_UPLOAD_DAYS = 7
