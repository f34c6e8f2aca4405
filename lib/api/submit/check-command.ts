import { ServiceError, showValue } from '../../registry/errors.ts'

/**
 * Whether bytes are a command line that a shell can be given.
 *
 * @throws ServiceError `invalid-request`
 */
export function checkCommand(bytes: Uint8Array, path: string): void {
  const text = Buffer.from(bytes).toString('utf8')
  if (text.trim() === '') throw noCommand(path, 'is empty', text)
  if (text.includes('\0')) throw noCommand(path, 'has a NUL character', text)
  if (!Buffer.from(text).equals(bytes)) throw noCommand(path, 'is not UTF-8', text)
}

function noCommand(path: string, problem: string, got: string): ServiceError {
  return new ServiceError('invalid-request', `the command of the job ${problem}`, {
    details: [{ path, problem, got: showValue(got), allowed: 'a shell command line in UTF-8' }],
  })
}
