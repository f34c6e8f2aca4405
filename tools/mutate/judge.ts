import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

interface Trial {
  readonly tree: ScratchTree
  readonly baseline: Baseline
  /** Runs an action while the fault is out of the tree. */
  readonly clean: <T>(action: () => Promise<T>) => Promise<T>
}

/** Test files of one round; the next round runs only where this one sees nothing. */
const ROUND_FILES = 5
const START_MS = 40_000
/** A file as quick as this waits for nothing, and its failure is believed at once. */
const QUICK_MS = 500

/** Puts the fault into the tree, runs the nearest tests, asks the compiler, and runs the farther ones. */
export function judge(
  tree: ScratchTree,
  mutant: Mutant,
  tests: readonly string[],
  baseline: Baseline,
): Promise<Judgement> {
  const { file } = mutant
  const sound = readFileSync(join(tree.root, file), 'utf8')
  const trial: Trial = { tree, baseline, clean: (action) => tree.changed(file, sound, action) }
  return tree.changed(file, applyEdit(sound, mutant), async () => {
    const tried: string[] = []
    for (let from = 0; from < tests.length; from += ROUND_FILES) {
      const round = tests.slice(from, from + ROUND_FILES)
      const seen =
        (await runRound(trial, round)) ?? (from === 0 ? await askCompiler(tree) : undefined)
      if (seen !== undefined) return { ...seen, tried }
      tried.push(...round)
    }
    return { verdict: 'survived', tried }
  })
}

type Seen = Omit<Judgement, 'tried'>

/** A failure counts where the file passes without the fault, and a slow file must fail twice. */
async function runRound(trial: Trial, round: readonly string[]): Promise<Seen | undefined> {
  const { tree, baseline, clean } = trial
  let files = round
  while (files.length > 0) {
    const run = await runTests(tree, files, {
      timeoutMs: limitOf(baseline, files),
      isBailing: true,
    })
    if (run.files === undefined) return judgeSilence(trial, files, run.isTimedOut)
    const failed = run.files.find(({ failures }) => failures.length > 0)
    if (failed === undefined) return undefined
    const { file, failures, ms } = failed
    const isSound = await clean(() => baseline.isPassing(tree, file))
    if (isSound && (ms < QUICK_MS || (await failsAgain(trial, file)))) {
      return { verdict: 'killed', by: `${file} :: ${failures[0]}` }
    }
    files = files.filter((each) => each !== file)
  }
  return undefined
}

/** A run that hung, or ended without a report, does so by the fault only where it passes without. */
async function judgeSilence(
  { tree, baseline, clean }: Trial,
  files: readonly string[],
  isTimedOut: boolean,
): Promise<Seen | undefined> {
  const options = { timeoutMs: limitOf(baseline, files), isBailing: false }
  const sound = await clean(() => runTests(tree, files, options))
  if (sound.files === undefined) return undefined
  return isTimedOut
    ? { verdict: 'timed-out', by: `out of time in ${files.join(', ')}` }
    : { verdict: 'killed', by: `no report of ${files.join(', ')}` }
}

async function failsAgain({ tree, baseline }: Trial, file: string): Promise<boolean> {
  const again = await runTests(tree, [file], {
    timeoutMs: limitOf(baseline, [file]),
    isBailing: true,
  })
  return again.files?.every(({ failures }) => failures.length === 0) !== true
}

async function askCompiler(tree: ScratchTree): Promise<Seen | undefined> {
  const complaint = await checkTypes(tree)
  return complaint === undefined ? undefined : { verdict: 'types', by: complaint }
}

function limitOf(baseline: Baseline, files: readonly string[]): number {
  return files.reduce((sum, file) => sum + 4 * baseline.msOf(file), START_MS)
}
