import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { bundleWorker, writeBundle } from '../../worker-program/bundle-worker.ts'

const DOCKERFILE = resolve(import.meta.dirname, '../../../worker/Dockerfile')

let made: string | undefined

/**
 * The folder from which the worker's image is built: Dockerfile and bundle. Made once a process, and
 * removed at its end: the assembly has a copy.
 */
export function makeImageFolder(): string {
  if (made === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'scalable-job-image-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    writeBundle(bundleWorker(), join(folder, 'worker'))
    copyFileSync(DOCKERFILE, join(folder, 'Dockerfile'))
    made = folder
  }
  return made
}
