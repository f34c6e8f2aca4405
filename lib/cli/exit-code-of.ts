import { constants } from 'node:os'
import type { JobView } from '../api/contract/job-view-schema.ts'
import { EXIT } from './command.ts'

/**
 * The exit status of a job as a shell would give it: 0 for success, the command's own exit code,
 * 128 + number for a signal, 1 for every other end.
 */
export function exitCodeOf({ status, exitCode, signal }: JobView): number {
  if (status === 'succeeded') return EXIT.ok
  if (exitCode !== undefined && exitCode > 0 && exitCode < 256) return exitCode
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? EXIT.failed : 128 + number
}
