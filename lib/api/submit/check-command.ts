import { findCommandMistake } from '../../job/command-text.ts'
import { ServiceError, showValue } from '../../registry/errors.ts'

/**
 * Whether bytes are a command line that a shell can be given.
 *
 * @throws ServiceError `invalid-request`
 */
export function checkCommand(bytes: Uint8Array, path: string): void {
  const problem = findCommandMistake(bytes)
  if (problem === undefined) return
  const got = showValue(Buffer.from(bytes).toString('utf8'))
  throw new ServiceError('invalid-request', `the command of the job ${problem}`, {
    details: [{ path, problem, got, allowed: 'a shell command line in UTF-8' }],
  })
}
