import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runInNamespace } from './pid-namespace.ts'
import type { ScratchTree } from './scratch-tree.ts'

interface FileOutcome {
  readonly file: string
  /** Names of the tests that failed; the file's own message where it could not be loaded. */
  readonly failures: readonly string[]
  readonly ms: number
}

interface TestRun {
  readonly isTimedOut: boolean
  /** Nothing where the run ended without a report. */
  readonly files: readonly FileOutcome[] | undefined
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly startTime: number
    readonly endTime: number
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

const VITEST = ['node_modules/.bin/node', 'node_modules/vitest/vitest.mjs', 'run']

interface TestRunOptions {
  readonly timeoutMs: number
  /** Whether it ends at the first failure. */
  readonly isBailing: boolean
}

/** Runs test files in a scratch tree, one at a time. */
export async function runTests(
  tree: ScratchTree,
  files: readonly string[],
  { timeoutMs, isBailing }: TestRunOptions,
): Promise<TestRun> {
  tree.clearTemporary()
  const report = join(tree.temporary, 'report.json')
  const options = ['--maxWorkers=1', '--reporter=json', `--outputFile=${report}`]
  if (isBailing) options.push('--bail=1')
  const { isTimedOut } = await runInNamespace([...VITEST, ...options, ...files], {
    cwd: tree.root,
    env: { ...process.env, TMPDIR: tree.temporary, CI: undefined },
    timeoutMs,
  })
  if (isTimedOut || !existsSync(report)) return { isTimedOut, files: undefined }
  return { isTimedOut, files: readReport(tree.root, JSON.parse(readFileSync(report, 'utf8'))) }
}

function readReport(root: string, { testResults }: Report): FileOutcome[] {
  return testResults.map(({ name, status, message, startTime, endTime, assertionResults }) => {
    const failures = assertionResults
      .filter((each) => each.status === 'failed')
      .map(({ fullName }) => fullName)
    if (status === 'failed' && failures.length === 0) failures.push(message.split('\n')[0] ?? '')
    return { file: relative(root, name), failures, ms: endTime - startTime }
  })
}

/** @returns the compiler's first complaint; nothing where it has none */
export async function checkTypes(tree: ScratchTree): Promise<string | undefined> {
  const { code, output } = await runInNamespace(['node_modules/.bin/tsc', '--noEmit'], {
    cwd: tree.root,
    timeoutMs: 180_000,
  })
  return code === 0 ? undefined : (output.split('\n')[0] ?? 'tsc failed')
}
