import type { Baseline } from './baseline.ts'
import { applyEdit } from './find-places.ts'
import type { Mutant } from './pick-places.ts'
import { checkTypes, runTests } from './run-tests.ts'
import type { ScratchTree } from './scratch-tree.ts'

export type Verdict = 'killed' | 'timed-out' | 'types' | 'survived' | 'equivalent'

export interface Judgement {
  readonly verdict: Verdict
  /** The test that failed, or what the compiler said. */
  readonly by?: string
  /** The test files that saw nothing. */
  readonly tried: readonly string[]
}

/** Tests of one round: the next ones are run only where these see nothing. */
const ROUND_MS = [45_000, 90_000]
const MIN_FILES = 3
const START_MS = 40_000

/** Puts the fault into the tree, runs the tests nearest to it, and asks the compiler at the end. */
export function judge(
  tree: ScratchTree,
  mutant: Mutant,
  tests: readonly string[],
  baseline: ReadonlyMap<string, Baseline>,
): Promise<Judgement> {
  const change = (source: string): string => applyEdit(source, mutant)
  return tree.changed(mutant.file, change, async () => {
    const tried: string[] = []
    for (const round of roundsOf(tests, baseline)) {
      const seen = await runRound(tree, round, baseline)
      if (seen !== undefined) return { ...seen, tried }
      tried.push(...round)
    }
    const complaint = await checkTypes(tree)
    if (complaint !== undefined) return { verdict: 'types', by: complaint, tried }
    return { verdict: 'survived', tried }
  })
}

function roundsOf(tests: readonly string[], baseline: ReadonlyMap<string, Baseline>): string[][] {
  const left = tests.filter((test) => baseline.get(test)?.isPassing === true)
  const rounds = ROUND_MS.map((limitMs) => {
    let ms = 0
    const round: string[] = []
    while (left[0] !== undefined) {
      ms += baseline.get(left[0])?.ms ?? 0
      if (ms > limitMs && round.length >= MIN_FILES) break
      round.push(left.shift() as string)
    }
    return round
  })
  return rounds.filter(({ length }) => length > 0)
}

/** A test that fails must fail twice: on a busy machine a good one can be late. */
async function runRound(
  tree: ScratchTree,
  round: readonly string[],
  baseline: ReadonlyMap<string, Baseline>,
): Promise<Omit<Judgement, 'tried'> | undefined> {
  const limitOf = (files: readonly string[]): number =>
    files.reduce((sum, file) => sum + 4 * (baseline.get(file)?.ms ?? 0), START_MS)
  let files = round
  while (files.length > 0) {
    const run = await runTests(tree, files, { timeoutMs: limitOf(files), isBailing: true })
    if (run.isTimedOut) return { verdict: 'timed-out' }
    if (run.files === undefined) return { verdict: 'killed', by: 'the run ended without a report' }
    const failed = run.files.find(({ failures }) => failures.length > 0)
    if (failed === undefined) return undefined
    const by = `${failed.file} :: ${failed.failures[0]}`
    if ((baseline.get(failed.file)?.ms ?? 0) < QUICK_MS) return { verdict: 'killed', by }
    const options = { timeoutMs: limitOf([failed.file]), isBailing: true }
    const again = await runTests(tree, [failed.file], options)
    if (again.files?.every(({ failures }) => failures.length === 0) !== true) {
      return { verdict: 'killed', by }
    }
    files = files.filter((file) => file !== failed.file)
  }
  return undefined
}

/** A file as quick as this waits for nothing, and is believed at once. */
const QUICK_MS = 500
