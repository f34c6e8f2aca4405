import { mkdirSync, rmSync } from 'node:fs'
import type { TestProject } from 'vitest/node'

/** Makes the project's own `TMPDIR`. Answers what removes it, with all that the tests left in it. */
export function setup({ config }: TestProject): () => void {
  const folder = config.env['TMPDIR']
  if (folder === undefined) throw new Error('the project names no TMPDIR')
  mkdirSync(folder, { recursive: true })
  return () => rmSync(folder, { recursive: true, force: true })
}
