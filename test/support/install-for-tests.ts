import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const SCRIPTS = resolve(import.meta.dirname, '../../scripts')
const INSTALL_MS = 420_000

/**
 * Runs a script that installs what tests take from Python's package index. Where it cannot be had,
 * the tests that need it are skipped, and standard error says why; in continuous integration they
 * must run.
 *
 * @returns whether it is there
 * @throws the script's error where `CI` is set
 */
export async function installForTests(script: string, what: string): Promise<boolean> {
  try {
    const file = resolve(SCRIPTS, script)
    await promisify(execFile)(process.execPath, [file], { timeout: INSTALL_MS })
    return true
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error
    const { stderr } = error as { stderr?: string }
    process.stderr.write(`${what} skipped: ${stderr?.split('\n')[0] ?? String(error)}\n`)
    return false
  }
}
