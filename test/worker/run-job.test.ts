import { rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogMessage } from '../../lib/job/messages.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { workerFolder } from '../../worker/run/attempt-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { aCommandService, type Bench, openBench } from './support/a-bench.ts'
import { program } from './support/programs.ts'
import { withMethods } from './support/with-methods.ts'

describe('a run', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  it('loses no line of 30 MB that come at once, and keeps their order', async () => {
    bench.startWorker()
    const { id } = await bench.submit(program('floods-stdout', 300_000))
    const job = await bench.ended(id, 60_000)
    const lines = await bench.lines(job)
    const numbers = lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)
    expect(numbers).toHaveLength(300_000)
    expect(numbers.every((text, n) => Number(text.slice(0, 10)) === n)).toBe(true)
    expect(job.logs).toMatchObject({ stdoutBytes: 30_000_000, cutBytes: 0 })
  })

  it('keeps bytes that are no text as U+FFFD, and a last line without an end', async () => {
    bench.startWorker()
    const { id } = await bench.submit(program('prints-binary'))
    const job = await bench.ended(id)
    expect(await bench.text(job)).toBe('\uFFFD\uFFFD\0\n€\nno end\n')
  })

  it('keeps the progress that it said last, however short it was', async () => {
    bench.startWorker()
    const { id } = await bench.submit('echo "[progress] 100% all done"')
    expect(await bench.ended(id)).toMatchObject({ progress: { fraction: 1, note: 'all done' } })
  })

  it('sends its lines to the output queue where the job wants them', async () => {
    bench.startWorker()
    const { id } = await bench.submit('echo one; echo two >&2', { logToQueue: true })
    await bench.ended(id)
    const seen = new Map<string, LogMessage>()
    for (let tries = 0; tries < 5 && seen.size < 2; tries += 1) {
      const messages = await bench.queues.receive('output', {
        max: 10,
        waitSeconds: 2,
        visibilitySeconds: 60,
      })
      for (const { body } of messages) {
        const message = JSON.parse(body) as LogMessage
        seen.set(message.id, message)
      }
    }
    const lines = [...seen.values()].filter(({ kind }) => kind === 'log').flatMap((m) => m.lines)
    expect(lines.map(({ text }) => text).toSorted()).toEqual([
      'one',
      'succeeded: exited with 0',
      'two',
    ])
    expect(seen.has(`${id}:1:end`)).toBe(true)
  })

  it.each([
    ['that failed', '[ $SCALABLE_JOB_ATTEMPT -gt 1 ] || { echo unheard; exit 1; }', 'exit-code'],
    ['that was given back', 'echo unheard; sleep 600', 'released'],
  ])('notes what the store did not take of an attempt %s', async (_what, command, reason) => {
    const { timing, ...service } = aCommandService()
    const leaseSeconds = { command: 2, query: 2 }
    let refused = 0
    const files = withMethods(bench.files, {
      put: (file) => {
        if (!file.key.includes('/1/logs/')) return bench.files.put(file)
        refused += 1
        return Promise.reject(away())
      },
    })
    const worker = bench.startWorker({
      files,
      service: { ...service, timing: { ...timing, leaseSeconds } },
    })
    const retry = { maxRetries: 1, maxLosses: 3, backoffSeconds: 0 }
    const { id } = await bench.submit(command, { retry })
    if (reason === 'released') {
      await waitFor('its output', () => refused > 0)
      await worker.stop()
    }
    const [attempt] = await waitFor('the end of the attempt', async () => {
      const { attempts } = await bench.read(id)
      return attempts.length > 0 && attempts
    })
    expect(attempt).toMatchObject({ reason, lostLogBytes: expect.any(Number) as number })
    expect(attempt!.lostLogBytes).toBeGreaterThanOrEqual(8)
  })

  it('fails as artifacts-failed when its files cannot be kept for a whole lease', async () => {
    const { timing, ...service } = aCommandService()
    const leaseSeconds = { command: 2, query: 2 }
    const files = withMethods(bench.files, {
      put: (file) =>
        file.key.includes('/artifacts') ? Promise.reject(away()) : bench.files.put(file),
    })
    bench.startWorker({ files, service: { ...service, timing: { ...timing, leaseSeconds } } })
    const { id } = await bench.submit('echo kept > $SCALABLE_JOB_ARTIFACTS_DIR/file')
    const job = await bench.ended(id)
    expect(job).toMatchObject({
      status: 'failed',
      end: {
        reason: 'artifacts-failed',
        exitCode: 0,
        message: expect.stringContaining('files did not answer to put') as string,
      },
    })
  })

  it('is lost, with the cause, when the disk of its worker fails, and the worker waits a while', async () => {
    const worker = bench.startWorker()
    const first = await bench.submit('true')
    await bench.ended(first.id)
    const folder = workerFolder(worker.deps.workRoot, worker.deps.workerId)
    await rm(folder, { recursive: true })
    await writeFile(folder, '')
    const retry = { maxRetries: 0, maxLosses: 1, backoffSeconds: 0 }
    const { id } = await bench.submit('true', { retry })
    await waitFor('the loss', async () => (await bench.read(id)).attempts.length === 1)
    await rm(folder)
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2, lossesUsed: 1 })
    expect(job.attempts[0]).toMatchObject({ reason: 'worker-lost' })
    expect(job.attempts[0]?.message).toContain('ENOTDIR')
  })

  it('bears a file store that is away for less than its lease', async () => {
    let failures = 3
    const files = withMethods(bench.files, {
      put: (file) => {
        failures -= 1
        return failures >= 0 ? Promise.reject(away()) : bench.files.put(file)
      },
    })
    bench.startWorker({ files })
    const { id } = await bench.submit('echo here; echo kept > $SCALABLE_JOB_ARTIFACTS_DIR/file')
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', artifacts: { files: 1 } })
    expect(await bench.text(job)).toBe('here\n')
  })
})

const away = (): PortUnavailable => new PortUnavailable('files', 'put', 'test')
