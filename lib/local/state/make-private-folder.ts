import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ServiceError } from '../../registry/errors.ts'

/**
 * Makes one folder that only its owner may enter; one that is there is left as it is. Not with its
 * parents: a mistyped path would create unwanted folders, and below `/proc` Node never returns
 * from `recursive`.
 *
 * @throws ServiceError `unusable-state`
 */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw unusable(path, describe(path, code, message), error)
    if (!isFolder(path)) {
      const what = { problem: 'exists and is not a folder', allowed: 'the path of a folder' }
      throw unusable(path, what, error)
    }
  }
}

interface Problem {
  readonly problem: string
  readonly allowed: string
}

function describe(path: string, code: string | undefined, message: string): Problem {
  const parent = dirname(path)
  if (code === 'ENOENT' && !isFolder(parent)) {
    return {
      problem: `cannot be created, because there is no folder ${parent}`,
      allowed: `mkdir -p '${parent}' first`,
    }
  }
  if (code === 'ENOTDIR') {
    return { problem: `is below ${parent}, which is not a folder`, allowed: 'another --state' }
  }
  const allowed = `a place where this user may create folders`
  return { problem: `cannot be created: ${message}`, allowed }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function unusable(path: string, { problem, allowed }: Problem, cause: unknown): ServiceError {
  const details = [{ path: '--state', problem, got: path, allowed }]
  return new ServiceError('unusable-state', `the folder ${path} ${problem}`, { details, cause })
}
