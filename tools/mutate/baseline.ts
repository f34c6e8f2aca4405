import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { runTests } from './run-tests.ts'
import type { ScratchTree } from './scratch-tree.ts'

/** How a test file does without any fault. */
interface Clean {
  readonly ms: number
  readonly isPassing: boolean
}

const TIMEOUT_MS = 300_000
/** Taken for a file that did not run yet. */
const UNKNOWN_MS = 10_000

/**
 * How the test files do without a fault, each found out once: a test that fails by itself judges
 * nothing, and a run is out of time only where it takes much longer than without the fault.
 */
export class Baseline {
  readonly #path: string
  readonly #known: Map<string, Clean>

  /** @param path keeps what was found out for the next run */
  constructor(path: string) {
    this.#path = path
    const stored = existsSync(path) ? readFileSync(path, 'utf8') : '{}'
    this.#known = new Map(Object.entries(JSON.parse(stored) as Record<string, Clean>))
  }

  msOf(test: string): number {
    return this.#known.get(test)?.ms ?? UNKNOWN_MS
  }

  failing(): string[] {
    return [...this.#known].flatMap(([test, { isPassing }]) => (isPassing ? [] : [test]))
  }

  /** @param tree must be without a fault at this moment */
  async isPassing(tree: ScratchTree, test: string): Promise<boolean> {
    const known = this.#known.get(test)
    if (known !== undefined) return known.isPassing
    const { files = [] } = await runTests(tree, [test], { timeoutMs: TIMEOUT_MS, isBailing: false })
    const [outcome] = files
    const clean: Clean = {
      ms: outcome?.ms ?? TIMEOUT_MS,
      isPassing: outcome !== undefined && outcome.failures.length === 0,
    }
    this.#known.set(test, clean)
    writeFileSync(this.#path, JSON.stringify(Object.fromEntries(this.#known), undefined, 1))
    return clean.isPassing
  }
}
