import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { findPureTests } from '../../test/support/pure-tests.ts'

/** Which files a file names: its imports, and the programs that it starts by their path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const NAMED = /['"`]((?:\.{0,2}\/)?[\w./-]+\.(?:ts|js|mjs))['"`]/g
/** Where the built programs lie. Whoever names one of the folders starts what is built into it. */
const PACKAGE_FILES = 'lib/registry/package-files.ts'
const BUILT: readonly { readonly folder: RegExp; readonly program: RegExp }[] = [
  {
    folder: /\b(WORKER|IMAGE)_FOLDER\b/,
    program:
      /^(worker\/(main|install|alive\/check-alive|start\/beat-thread)|lib\/processes\/guard)\.ts$/,
  },
  { folder: /\bLAMBDAS_FOLDER\b/, program: /^lambdas\// },
  { folder: /\bCDK_APP\b/, program: /^bin\/app\.ts$/ },
]

/** @param files from the root of the repository */
export function readImports(root: string, files: readonly string[]): ImportGraph {
  const known = new Set(files)
  return new Map(
    files.map((file) => {
      const source = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
      const named = [...source.matchAll(NAMED)].flatMap(([, path = '']) => [
        normalize(join(dirname(file), path)),
        normalize(path.replace(/^(\.\.\/)+/, '')),
      ])
      for (const { folder, program } of file === PACKAGE_FILES ? [] : BUILT) {
        if (folder.test(source)) named.push(...files.filter((each) => program.test(each)))
      }
      return [file, [...new Set(named)].filter((each) => each !== file && known.has(each))]
    }),
  )
}

const PURE = findPureTests()

/** Tests of minutes, or of a cloud: they judge no single fault. */
const LONG = /^test\/(deployed|overload|hostile\/schemathesis|tools\/faults\/aws)\//

/**
 * The tests that reach a file, nearest first; of those as near, the ones of the same room first. A
 * pure test, which takes no time, counts as two steps nearer than it is.
 */
export function nearestTests(graph: ImportGraph, target: string): string[] {
  const steps = stepsTo(graph, target)
  for (const file of PURE) if (steps.has(file)) steps.set(file, (steps.get(file) ?? 0) - 2)
  return [...steps]
    .filter(([file]) => /^test\/.*\.test\.ts$/.test(file) && !LONG.test(file))
    .toSorted(
      ([a, near], [b, far]) => near - far || sharedWords(b, target) - sharedWords(a, target),
    )
    .map(([file]) => file)
}

function stepsTo(graph: ImportGraph, target: string): Map<string, number> {
  const importers = new Map<string, string[]>()
  for (const [file, named] of graph) {
    for (const each of named) importers.set(each, [...(importers.get(each) ?? []), file])
  }
  const steps = new Map([[target, 0]])
  for (const [file, step] of steps) {
    for (const each of importers.get(file) ?? []) if (!steps.has(each)) steps.set(each, step + 1)
  }
  return steps
}

function sharedWords(one: string, other: string): number {
  const words = new Set(other.split(/[/.-]/))
  return one.split(/[/.-]/).filter((word) => word !== 'ts' && words.has(word)).length
}
