import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { installForTests } from '../../support/install-for-tests.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const PROGRAM = join(ROOT, '.cache/schemathesis/bin/schemathesis')
const CONFIG = join(import.meta.dirname, 'schemathesis.toml')
const MAX_OUTPUT_BYTES = 64 * 1_048_576

export const hasSchemathesis = await installForTests(
  'install-schemathesis.ts',
  'the tries by schemathesis are',
)

export interface Tries {
  /** Address of the API. */
  readonly url: string
  readonly token: string
  /** For what it keeps of a run. */
  readonly folder: string
  /** For each route. */
  readonly examples: number
  readonly seed: number
  readonly withinMs: number
}

/**
 * Tries every route by GET /openapi.json: with all checks, with data that fits the document and data
 * that does not, alone and along the links between routes.
 *
 * @returns whether nothing was found, and all that it has to say
 */
export function runSchemathesis(tries: Tries): Promise<{ isClean: boolean; says: string }> {
  const { url, token, folder, examples, seed, withinMs } = tries
  const args = [
    `--config-file=${CONFIG}`,
    'run',
    `${url}/openapi.json`,
    `--header=Authorization: Bearer ${token}`,
    '--phases=examples,coverage,fuzzing,stateful',
    '--checks=all',
    '--mode=all',
    `--max-examples=${examples}`,
    `--seed=${seed}`,
    '--generation-database=none',
    '--request-timeout=20',
    '--continue-on-failure',
    '--no-color',
  ]
  const options = { timeout: withinMs, maxBuffer: MAX_OUTPUT_BYTES, cwd: folder }
  return new Promise((done) => {
    execFile(PROGRAM, args, options, (error, stdout, stderr) => {
      const ended = error === null ? '' : `${error.message.split('\n')[0]}\n`
      done({ isClean: error === null, says: `${ended}${stdout}${stderr}` })
    })
  })
}
