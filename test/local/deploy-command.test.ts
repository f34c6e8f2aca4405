import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ENTRY = resolve(import.meta.dirname, '../../bin/scalable-job.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy command-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('deploy runs the CDK app of the package, and passes on what it says', async () => {
  const deploy = promisify(execFile)(process.execPath, [ENTRY, 'deploy'], { cwd: folder })
  await expect(deploy).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `the service file ${join(folder, 'service.json')} cannot be read`,
    ),
  })
})
