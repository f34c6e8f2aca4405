import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { keepWorkerProgram } from '../../lib/worker-program/keep-worker-program.ts'

const FOLDER = resolve(import.meta.dirname, '../../.cache/worker-program')

/** Before all tests: the worker as users run it, once for all files. */
export function setup({ provide }: TestProject): void {
  mkdirSync(FOLDER, { recursive: true })
  provide('workerProgram', keepWorkerProgram(FOLDER).folder)
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the bundled worker. */
    workerProgram: string
  }
}
