import { isJobId } from '../job-id.ts'

/**
 * Where a page of jobs ended: the id of the last row looked at. Opaque to callers, so that it may
 * change; a page that follows begins below this id whatever was added or ended meanwhile.
 */
export function encodeJobCursor(lastId: string): string {
  return Buffer.from(`j1:${lastId}`).toString('base64url')
}

export function decodeJobCursor(cursor: string): string | undefined {
  const [version, id = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(':')
  return version === 'j1' && isJobId(id) ? id : undefined
}
