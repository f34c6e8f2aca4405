import {
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'

export const ROOT = resolve(import.meta.dirname, '../..')
export const DIST = join(ROOT, 'dist')
export const TYPES = join(DIST, 'types')
/** As old as the last build. */
const MARK = join(DIST, '.built')
/** What is built, and what builds it. A folder is newer when a file came or went. */
const SOURCES = [
  '{bin,lib,lambdas,worker,schema,examples/digits,scripts/build}/{,**}',
  'scripts/build.ts',
  '{package,package-lock,cdk}.json',
]

/** Replaces a file in one step, and only where it changed: a service may be reading it. */
export function writeOutput(path: string, contents: Uint8Array): void {
  if (isSame(path, contents)) return
  mkdirSync(dirname(path), { recursive: true })
  const whole = `${path}.${process.pid}`
  writeFileSync(whole, contents)
  renameSync(whole, path)
}

/** Removes what earlier builds made and this one did not. */
export function removeOld(made: readonly string[]): void {
  for (const entry of globSync('**', { cwd: DIST, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !path.startsWith(TYPES) && !made.includes(path)) rmSync(path)
  }
}

export function markBuilt(): void {
  writeFileSync(MARK, '')
}

/** Whether no source is newer than the last build. */
export function isUpToDate(): boolean {
  const builtMs = statSync(MARK, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = globSync(SOURCES, { cwd: ROOT, exclude: (name) => name === '__pycache__' })
  return sources.every((source) => statSync(join(ROOT, source)).mtimeMs < builtMs)
}

function isSame(path: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(contents)
  } catch {
    return false // It is not there yet.
  }
}
