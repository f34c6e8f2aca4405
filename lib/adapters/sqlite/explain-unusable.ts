import { ServiceError } from '../../registry/errors.ts'

interface Problem {
  readonly problem: string
  readonly allowed: string
}

const DAMAGED: Problem = {
  problem: 'is no database, or is damaged',
  allowed: 'a copy of it from before; or move the folder away and begin anew',
}

/** By the low byte of SQLite's code: https://sqlite.org/rescode.html */
const PROBLEMS: Readonly<Record<number, Problem>> = {
  8: { problem: 'may not be written', allowed: 'a file and a folder that this user may write' },
  11: DAMAGED,
  13: { problem: 'has no space left on its device', allowed: 'a disk with free space' },
  14: { problem: 'cannot be opened', allowed: 'a plain file that this user may read and write' },
  26: DAMAGED,
}

/** Why a database cannot be opened, with what helps; undefined when the error is another. */
export function explainUnusable(path: string, error: unknown): ServiceError | undefined {
  if (!(error instanceof Error && 'errcode' in error)) return undefined
  const found = PROBLEMS[Number(error.errcode) & 0xff]
  if (found === undefined) return undefined
  const { problem, allowed } = found
  return new ServiceError('unusable-state', `the database ${path} ${problem}: ${error.message}`, {
    details: [{ path, problem, allowed }],
    cause: error,
  })
}
