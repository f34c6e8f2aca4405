import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { installForTests } from '../support/install-for-tests.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, '.cache/cfn-lint/bin/cfn-lint')
const RUN_MS = 120_000

export interface Finding {
  readonly Filename: string
  readonly Message: string
  readonly Rule: { readonly Id: string }
  readonly Location: { readonly Path?: readonly (string | number)[] }
}

export const hasCfnLint = await installForTests('install-cfn-lint.ts', 'cfn-lint is')

/** Everything that it has to say about these templates. */
export async function runCfnLint(files: readonly string[]): Promise<Finding[]> {
  const args = ['--format', 'json', '--regions', 'us-east-1', '--', ...files]
  try {
    const { stdout } = await promisify(execFile)(PROGRAM, args, { timeout: RUN_MS })
    return JSON.parse(stdout) as Finding[]
  } catch (error) {
    // It ends with a code of its own where it found something; what it found is on stdout.
    const { stdout, killed } = error as { stdout?: string; killed?: boolean }
    if (killed === true || !stdout?.startsWith('[')) throw error
    return JSON.parse(stdout) as Finding[]
  }
}
