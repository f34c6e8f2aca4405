import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { keepWorkerProgram } from '../../lib/worker-program/keep-worker-program.ts'

/** Before all tests: the worker as users run it, once for all files. Answers what removes it. */
export function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'worker-program-'))
  provide('workerProgram', keepWorkerProgram(folder).folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the bundled worker. */
    workerProgram: string
  }
}
