import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spawnWorker } from '../../../lib/adapters/child-processes/task/spawn-worker.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scalable-job-spawn-'))
})
afterEach(() => rm(folder, { recursive: true }))

const openFiles = async () => (await readdir('/proc/self/fd')).length

test.skipIf(process.platform !== 'linux')(
  'a supervisor has no more files open after a hundred workers than after one',
  async () => {
    const logFile = join(folder, 'worker.log')
    const run = () => spawnWorker({ file: '/bin/echo', args: ['worker'], env: {} }, logFile).ended
    await run()
    const before = await openFiles()
    for (let worker = 1; worker < 100; worker += 1) expect(await run()).toBe('exit code 0')
    expect(await openFiles()).toBeLessThan(before + 50)
    expect(await readFile(logFile, 'utf8')).toBe('worker\n'.repeat(100))
  },
)
