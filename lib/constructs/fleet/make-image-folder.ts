import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bundleWorker } from '../../worker-program/bundle-worker.ts'

const DOCKERFILE = resolve(import.meta.dirname, '../../../worker/Dockerfile')

let made: string | undefined

/** The folder from which the worker's image is built, made once a process: Dockerfile and bundle. */
export function makeImageFolder(): string {
  if (made === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'scalable-job-image-'))
    bundleWorker(join(folder, 'worker'))
    copyFileSync(DOCKERFILE, join(folder, 'Dockerfile'))
    made = folder
  }
  return made
}
