import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { areaOf } from './areas.ts'
import { Baseline } from './baseline.ts'
import { findEquivalent, readEquivalents } from './equivalents.ts'
import { findPlaces, type Place } from './find-places.ts'
import { nearestTests, readImports } from './import-graph.ts'
import { judge } from './judge.ts'
import type { MutateOptions } from './options.ts'
import { pickPlaces, type Mutant } from './pick-places.ts'
import { renderReport, type Result } from './report.ts'
import { listFiles, ScratchTree } from './scratch-tree.ts'

/** How many test files may judge one fault, nearest first. */
const MAX_TESTS = 16

/** Draws faults, tries each that was not tried yet, and writes the report. */
export async function runSample(
  root: string,
  options: MutateOptions,
  say: (line: string) => void,
): Promise<void> {
  const files = listFiles(root)
  const mutants = pickPlaces(allPlaces(root, files), options)
  if (options.isDry) {
    for (const each of mutants) say(describe(each))
    return
  }
  mkdirSync(options.out, { recursive: true })
  const stored = join(options.out, 'results.jsonl')
  const done = readResults(stored)
  const left = mutants.filter(({ id }) => !done.some(({ mutant }) => mutant.id === id))
  say(`${mutants.length} faults, ${left.length} to try; results in ${options.out}`)
  const add = (result: Result): void => {
    done.push(result)
    appendFileSync(stored, `${JSON.stringify(result)}\n`)
    say(`${done.length}/${mutants.length} ${result.verdict}: ${describe(result.mutant)}`)
  }
  await tryAll(root, { files, left, options, add, say })
  const own = done.filter(({ mutant }) => mutants.some(({ id }) => id === mutant.id))
  const title = `Faults put into the code: seed ${options.seed}, ${mutants.length} places`
  const report = renderReport(own, title)
  writeFileSync(join(options.out, 'report.md'), report)
  say(report)
}

interface Trial {
  readonly files: readonly string[]
  readonly left: readonly Mutant[]
  readonly options: MutateOptions
  readonly add: (result: Result) => void
  readonly say: (line: string) => void
}

async function tryAll(root: string, { files, left, options, add, say }: Trial): Promise<void> {
  const known = readEquivalents()
  const graph = readImports(root, files)
  const testsOf = (file: string): string[] => nearestTests(graph, file).slice(0, MAX_TESTS)
  const folder = mkdtempSync(join(tmpdir(), 'mutate-'))
  chmodSync(folder, 0o711) // tests run commands as other users below it
  const remove = (): void =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  process.once('exit', remove)
  try {
    const trees = Array.from(
      { length: options.parallel },
      (_, index) => new ScratchTree(root, join(folder, String(index))),
    )
    const baseline = new Baseline(join(options.out, 'baseline.json'))
    const queue = left.values()
    await Promise.all(
      trees.map(async (tree) => {
        for (const mutant of queue) {
          const equivalent = findEquivalent(known, mutant)
          if (equivalent === undefined) {
            add({ mutant, ...(await judge(tree, mutant, testsOf(mutant.file), baseline)) })
          } else add({ mutant, verdict: 'equivalent', by: equivalent.why, tried: [] })
        }
      }),
    )
    for (const test of baseline.failing()) say(`fails without a fault, and judges none: ${test}`)
  } finally {
    remove()
    process.off('exit', remove)
  }
}

function allPlaces(root: string, files: readonly string[]): Place[] {
  return files
    .filter((file) => file.endsWith('.ts') && areaOf(file) !== undefined)
    .flatMap((file) => findPlaces(file, readFileSync(join(root, file), 'utf8')))
}

function readResults(path: string): Result[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result)
}

function describe({ file, line, operator, before, text }: Mutant): string {
  return `${file}:${line} ${operator}: ${before} → ${text.trim() || 'nothing'}`
}
