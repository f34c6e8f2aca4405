import { ServiceError } from '../../registry/errors.ts'
import { faultWords } from '../../registry/system-faults.ts'

/** Why a database cannot be opened, with what helps; undefined when the error is another. */
export function explainUnusable(path: string, error: unknown): ServiceError | undefined {
  const { why, allowed } = faultWords(error) ?? {}
  if (!(error instanceof Error) || why === undefined || allowed === undefined) return undefined
  return new ServiceError('unusable-state', `the database ${path} cannot be used: ${why}`, {
    details: [{ path, problem: why, allowed }],
    cause: error,
  })
}
