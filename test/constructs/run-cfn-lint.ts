import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, '.cache/cfn-lint/bin/cfn-lint')
const INSTALL_MS = 420_000
const RUN_MS = 120_000

export interface Finding {
  readonly Filename: string
  readonly Message: string
  readonly Rule: { readonly Id: string }
  readonly Location: { readonly Path?: readonly (string | number)[] }
}

/**
 * Why cfn-lint cannot be used here, or nothing when it can. Without Python or its package index it
 * is skipped; in continuous integration it must run.
 */
async function install(): Promise<string | undefined> {
  try {
    const script = join(ROOT, 'scripts/install-cfn-lint.ts')
    await promisify(execFile)(process.execPath, [script], { timeout: INSTALL_MS })
    return undefined
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error
    const { stderr } = error as { stderr?: string }
    return stderr?.split('\n')[0] ?? String(error)
  }
}

const missing = await install()
if (missing !== undefined) process.stderr.write(`cfn-lint is skipped: ${missing}\n`)

export const hasCfnLint = missing === undefined

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
