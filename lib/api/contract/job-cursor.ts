export const JOB_CURSOR_PATTERN = /^j1-([1-9]\d{18})$/

/**
 * Where a page of jobs ended: the id of the last row looked at. Opaque to callers, so that it may
 * change; a page that follows begins below this id whatever was added or ended meanwhile.
 */
export function encodeJobCursor(lastId: string): string {
  return `j1-${lastId}`
}

export function decodeJobCursor(cursor: string): string | undefined {
  return JOB_CURSOR_PATTERN.exec(cursor)?.[1]
}
