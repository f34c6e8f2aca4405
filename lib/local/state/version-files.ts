import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../adapters/node/replace-file.ts'
import { parseServiceText } from '../../service/parse-service-text.ts'
import { readWorkerService, serialiseForWorkers } from '../../service/serialised-service.ts'
import type { Service } from '../../service/service.ts'

/**
 * Writes what workers of this version run, so that one which starts later, or after a change of
 * service.json, runs what its version says.
 *
 * @returns the path of this version's file
 */
export function writeVersionFile(folder: string, service: Service): string {
  const path = versionFile(folder, service.version)
  // In one step: a worker that starts at this moment reads it.
  replaceFile(path, serialiseForWorkers(service))
  return path
}

/** @throws Error when no file of this version is there */
export function findVersionFile(folder: string, version: string): string {
  const path = versionFile(folder, version)
  if (!existsSync(path)) throw new Error(`no file is there for worker version ${version}`)
  return path
}

/**
 * Releases before the serialised form left a service.json for each version: writes it anew in
 * today's form. What cannot be read stays, and a worker that is started from it says why.
 */
export function upcastVersionFiles(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
    const path = join(folder, name)
    const text = readFileSync(path, 'utf8')
    if (isCurrent(text)) continue
    try {
      replaceFile(path, serialiseForWorkers(parseServiceText(text, path)))
    } catch {
      continue
    }
  }
}

function isCurrent(text: string): boolean {
  try {
    readWorkerService(text, '')
    return true
  } catch {
    return false
  }
}

function versionFile(folder: string, version: string): string {
  return join(folder, `${version}.json`)
}
