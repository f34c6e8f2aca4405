import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ServiceError, showValue } from '../registry/errors.ts'
import { parseServiceText } from './parse-service-text.ts'
import type { Service } from './service.ts'

/**
 * The service that a service.json describes.
 *
 * @throws ServiceError `invalid-service-config` with every mistake, or when there is no such file
 */
export function readServiceFile(path: string): Service {
  const folder = dirname(resolve(path))
  return Object.freeze({ ...parseServiceText(readText(path), path), folder })
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const problem = PROBLEMS[code] ?? 'cannot be read'
    const details = [{ path: 'service.json', problem, got: showValue(path) }]
    const message = `the service file ${path} cannot be read`
    throw new ServiceError('invalid-service-config', message, { details, cause: error })
  }
}
