import { execFileSync } from 'node:child_process'
import type { ProcessRow } from './read-process.ts'

const TIMEOUT_MS = 5_000
const MAX_BYTES = 16 * 1024 * 1024
const COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart='

/**
 * Processes as `ps` lists them, for systems without `/proc`: all of them, or the one with this pid.
 *
 * @throws when `ps` fails; that it found none with this pid is no failure
 */
export function listByPs(pid?: number): ProcessRow[] {
  const which = pid === undefined ? ['-A'] : ['-p', String(pid)]
  try {
    const options = { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES } as const
    return parsePs(execFileSync('ps', [...which, '-o', COLUMNS], options))
  } catch (error) {
    if (pid !== undefined && (error as { status?: number }).status === 1) return []
    throw error
  }
}

function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
    if (match === null) return []
    const [, pid, parentPid, groupPid, state = '', start = ''] = match
    if (state.startsWith('Z')) return []
    const group = Number(groupPid)
    const ids = { pid: Number(pid), parentPid: Number(parentPid) }
    return [{ ...ids, groupPid: group, sessionPid: group, start }]
  })
}
