import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { WORKER_FOLDER } from '../../../lib/registry/package-files.ts'
import { findBeatThread } from '../../../worker/beats/find-beat-thread.ts'
import { aJob } from '../../support/a-job.ts'

const THREAD = pathToFileURL(join(WORKER_FOLDER, 'beat-thread.js')).href
const HOST = fileURLToPath(
  new URL('../../fixtures/programs/hosts-beat-thread.mjs', import.meta.url),
)
const AWS = {
  backend: 'aws',
  tableName: 'jobs',
  bucketName: 'files',
  queueUrls: {},
}
const ENV = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
}

// V8 frees code of WebAssembly that another thread of the process still uses, which ends the whole
// worker with its jobs; and Node itself runs WebAssembly to strip types. `--jitless` takes
// WebAssembly away.
describe('the beat thread runs without WebAssembly', () => {
  it('keeps leases in the embedded store', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'beat-thread-'))
    try {
      const [up, beat] = await newsWithoutWasm({ backend: 'embedded', stateDir })
      expect(up).toEqual({ is: 'up' })
      expect(beat).toMatchObject({ is: 'not-holder' }) // the table is empty
    } finally {
      await rm(stateDir, { recursive: true })
    }
  })

  it('keeps leases in DynamoDB', async () => {
    const [up, beat] = await newsWithoutWasm(AWS)
    expect(up).toEqual({ is: 'up' })
    expect(beat).toMatchObject({
      is: 'trouble',
      message: expect.stringContaining('did not answer'),
    })
  })

  it('and so never from sources', () => {
    expect(() => findBeatThread()).toThrow('a worker runs from its bundle only')
  })
})

async function newsWithoutWasm(store: object): Promise<unknown[]> {
  const job = aJob({ status: 'running', attempt: 1 })
  const claimed = { job, rev: 1 }
  const watched = { key: `${job.id}:1`, claimed, workerId: 'w1', leaseMs: 30_000 }
  const data = JSON.stringify({ store, beatMs: 100 })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--jitless', HOST, THREAD, data, JSON.stringify(watched)],
    { env: ENV, timeout: 20_000 },
  )
  const lines = stdout.trim().split('\n')
  return lines.map((line) => JSON.parse(line) as unknown)
}
