import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../adapters/node/replace-file.ts'

/**
 * Keeps the service.json of each worker version, so that a worker which starts later, or after a
 * change of the file, runs what its version says.
 *
 * @returns the path of this version's file
 */
export function keepVersionFile(folder: string, version: string, serviceFile: string): string {
  const path = versionFile(folder, version)
  // In one step: a worker that starts at this moment reads it.
  replaceFile(path, readFileSync(serviceFile))
  return path
}

/** @throws Error when nothing of this version was kept */
export function findVersionFile(folder: string, version: string): string {
  const path = versionFile(folder, version)
  if (!existsSync(path)) throw new Error(`no service.json is kept for worker version ${version}`)
  return path
}

function versionFile(folder: string, version: string): string {
  return join(folder, `${version}.json`)
}
