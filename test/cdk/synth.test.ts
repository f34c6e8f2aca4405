import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DIGITS } from './synth-service.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CDK = join(ROOT, 'node_modules/.bin/cdk')
const SYNTH_MS = 120_000
/** Takes no connection. */
const NOWHERE = 'http://127.0.0.1:9'

interface Ended {
  readonly code: number | null
  readonly output: string
}

describe('npx cdk synth', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'cdk-home-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  /** Without credentials, network and Docker: what is not named here is not there. */
  function synth(...context: string[]): Promise<Ended> {
    const env = {
      PATH: [join(ROOT, 'node_modules/.bin'), '/usr/bin', '/bin'].join(delimiter),
      HOME: home,
      HTTPS_PROXY: NOWHERE,
      HTTP_PROXY: NOWHERE,
      CDK_DOCKER: 'no-such-program',
      CDK_DISABLE_VERSION_CHECK: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    const options = [
      '--no-notices',
      '--output',
      join(home, 'out'),
      ...context.flatMap((each) => ['-c', each]),
    ]
    const { promise, resolve: end } = Promise.withResolvers<Ended>()
    execFile(
      CDK,
      ['synth', '--quiet', ...options],
      { cwd: ROOT, env, timeout: SYNTH_MS },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code)
        end({ code, output: stdout + stderr })
      },
    )
    return promise
  }

  test(
    'makes the whole assembly offline, without credentials and without Docker',
    async () => {
      const { code, output } = await synth(`service=${DIGITS}`)
      expect(output).not.toMatch(/error/i)
      expect(code).toBe(0)
      expect(readdirSync(join(home, 'out'))).toContain('ScalableJob-digits.template.json')
    },
    SYNTH_MS,
  )

  test(
    'without a service it says how to name one, and nothing of its insides',
    async () => {
      const { code, output } = await synth()
      expect(code).toBe(1)
      expect(output).toMatch(/no service was given/)
      expect(output).toMatch(/-c service=/)
      expect(output).not.toMatch(/ at .*\.ts/)
    },
    SYNTH_MS,
  )
})
