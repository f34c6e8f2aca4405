import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  access,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IMAGE_FOLDER } from '../../../lib/registry/package-files.ts'
import { waitFor } from '../../support/wait-for.ts'
import { type Bench, openBench } from '../support/a-bench.ts'
import { FakeAgent } from '../support/fake-agent.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'

const run = promisify(execFile)

describe('the bundled worker, as an image gets it', () => {
  let root: string
  let installed: string
  let bench: Bench
  let agent: FakeAgent
  let agentUri: string
  let worker: WorkerProcess | undefined

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'bundled-'))
    installed = join(root, 'volume')
    await mkdir(installed)
    const install = join(IMAGE_FOLDER, 'worker/install.js')
    const env = { SCALABLE_JOB_SERIALISED_SERVICE: '{"a":1}' }
    await run(process.execPath, [install, IMAGE_FOLDER, installed], { env })
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  beforeEach(async () => {
    bench = await openBench()
    agent = new FakeAgent()
    agentUri = await agent.listen()
  })
  afterEach(async () => {
    worker?.child.kill('SIGKILL')
    await agent.close()
    await bench.close()
  })

  const start = (serviceJson: object) =>
    startWorkerProcess(bench, { agentUri, serviceJson, main: join(installed, 'worker/main.js') })

  it('is installed whole, with the service of its version', async () => {
    expect(await readFile(join(installed, 'serialised-service.json'), 'utf8')).toBe('{"a":1}')
    for (const program of ['main.js', 'guard.js', 'beat-thread.js']) {
      await access(join(installed, 'worker', program))
    }
  })

  it('runs a job with its guard and its beats, by plain Node without anything beside it', async () => {
    worker = await start({
      metadata: { name: 'digits', type: 'ScalableJob' },
      containers: [{ image: 'digits' }],
      scalable_job: {
        timing: {
          beat_seconds: 0.2,
          lease_seconds: { command: 2, query: 2 },
          look_seconds: 0.5,
          protection_hold_seconds: 0.2,
          stop_seconds: 1,
        },
      },
    })
    // Longer than the lease: without beats the worker would give it up.
    const { id } = await bench.submit('echo started; sleep 3; echo done')
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await bench.text(job)).toBe('started\ndone\n')
    worker.child.kill('SIGTERM')
    expect(await worker.exited).toBe(0)
  })

  it('has the adapters of AWS in it, and names what they lack', async () => {
    const main = join(installed, 'worker/main.js')
    const env = { SCALABLE_JOB_BACKEND: 'aws', SCALABLE_JOB_SERVICE_FILE: '/none' }
    await expect(run(process.execPath, [main], { env })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('env.SCALABLE_JOB_TABLE'),
    })
    const chunks = await readdir(join(installed, 'worker'))
    const texts = await Promise.all(
      chunks
        .filter((name) => name.endsWith('.js'))
        .map((name) => readFile(join(installed, 'worker', name), 'utf8')),
    )
    expect(texts.some((text) => text.includes('DynamoDB_20120810'))).toBe(true)
  })

  it('holds no schema library, which would be a third of it', async () => {
    const names = await readdir(join(installed, 'worker'))
    for (const name of names.filter((each) => each.endsWith('.js'))) {
      expect(await readFile(join(installed, 'worker', name), 'utf8')).not.toMatch(/zod/i)
    }
  })

  it('names a wrong environment of the init container', async () => {
    const install = join(installed, 'worker/install.js')
    await expect(run(process.execPath, [install, '/a'], { env: {} })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SCALABLE_JOB_SERIALISED_SERVICE'),
    })
  })
})

describe('the health check', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'alive-'))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const CHECK = new URL('../../../worker/alive/check-alive.ts', import.meta.url).pathname
  const check = async (seconds: number): Promise<number> => {
    const child = spawn(process.execPath, [CHECK, root, String(seconds)], { stdio: 'ignore' })
    const [code] = (await once(child, 'exit')) as [number]
    return code
  }

  it('is well before the worker has started, and while its main loop turns', async () => {
    expect(await check(360)).toBe(0)
    await writeFile(join(root, 'alive'), '')
    expect(await check(360)).toBe(0)
  })

  it('is unhealthy once the loop has been stuck for longer than the limit', async () => {
    await writeFile(join(root, 'alive'), '')
    const before = new Date(Date.now() - 400_000)
    await utimes(join(root, 'alive'), before, before)
    expect(await check(360)).toBe(1)
    expect(await check(600)).toBe(0)
  })

  it('a worker keeps its file young', async () => {
    const bench = await openBench()
    const agent = new FakeAgent()
    const worker = await startWorkerProcess(bench, {
      agentUri: await agent.listen(),
      serviceJson: { metadata: { name: 'a', type: 'ScalableJob' }, containers: [{ image: 'a' }] },
    })
    try {
      const seen = await waitFor('the file', () => stat(join(bench.root, 'work/alive')))
      const later = await waitFor('a touch', async () => {
        const now = await stat(join(bench.root, 'work/alive'))
        return now.mtimeMs > seen.mtimeMs && now
      })
      expect(later.size).toBe(0)
    } finally {
      worker.child.kill('SIGKILL')
      await worker.exited
      await agent.close()
      await bench.close()
    }
  })
})
