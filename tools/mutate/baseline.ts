import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { runTests } from './run-tests.ts'
import type { ScratchTree } from './scratch-tree.ts'

/** How a test file does without any fault. */
export interface Baseline {
  readonly ms: number
  readonly isPassing: boolean
}

const TIMEOUT_MS = 1_800_000

/**
 * Runs the tests once without a fault, those that were not run yet: a test that fails by itself judges
 * nothing, and how long the others take says when a run hangs.
 *
 * @param path keeps the outcome for the next time
 */
export async function readBaseline(
  trees: readonly ScratchTree[],
  tests: readonly string[],
  path: string,
): Promise<ReadonlyMap<string, Baseline>> {
  const stored = existsSync(path) ? readFileSync(path, 'utf8') : '{}'
  const known = new Map(Object.entries(JSON.parse(stored) as Record<string, Baseline>))
  const missing = tests.filter((test) => !known.has(test))
  if (missing.length > 0) {
    const runs = await Promise.all(
      trees.map((tree, index) => {
        const own = missing.filter((_, at) => at % trees.length === index)
        return runTests(tree, own, { timeoutMs: TIMEOUT_MS, isBailing: false })
      }),
    )
    for (const { files } of runs) {
      if (files === undefined) throw new Error('The tests without a fault ended without a report.')
      for (const { file, failures, ms } of files) {
        known.set(file, { ms, isPassing: failures.length === 0 })
      }
    }
    writeFileSync(path, JSON.stringify(Object.fromEntries(known), undefined, 1))
  }
  return known
}
