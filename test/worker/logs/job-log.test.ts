import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEmbedded, type Embedded } from '../../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { logChunkKey } from '../../../lib/job/keys.ts'
import { decodeLogChunk, type LogLine } from '../../../lib/job/log-chunk.ts'
import type { Files } from '../../../lib/ports/files.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { JobLog, type JobLogOptions } from '../../../worker/logs/job-log.ts'
import { waitFor } from '../../support/wait-for.ts'
import { makePace } from '../../../worker/loop/pace.ts'
import { quietLog } from '../support/quiet-log.ts'

const PREFIX = 'jobs/1/1/'
const SMALL = { chunkBytes: 10_000, chunkMs: 50, bufferBytes: 50_000 }
const LINE = `${'x'.repeat(99)}\n`

describe('the log of an attempt', () => {
  let store: Embedded
  let stdout: PassThrough
  let stderr: PassThrough

  beforeEach(() => {
    store = openEmbedded({ stateDir: ':memory:', clock: systemClock })
    stdout = new PassThrough()
    stderr = new PassThrough()
  })

  afterEach(() => store.close())

  const makeLog = (options: Partial<JobLogOptions> = {}): JobLog =>
    new JobLog({
      files: store.files,
      clock: systemClock,
      pace: makePace({ factor: 0.1 }),
      log: quietLog,
      prefix: PREFIX,
      onReport: () => undefined,
      ...options,
    })

  async function lines(): Promise<LogLine[]> {
    const all: LogLine[] = []
    for (let chunk = 0; ; chunk += 1) {
      const body = await store.files.read(logChunkKey(PREFIX, chunk), 10_000_000)
      if (body === undefined) return all
      all.push(...decodeLogChunk(String(body)))
    }
  }

  /** More than the buffer and the pipe hold: the log must let the job go on. */
  async function writeTooMuch(): Promise<number> {
    let written = 0
    for (; written < 3_000_000; written += LINE.length) {
      if (!stdout.write(LINE)) await once(stdout, 'drain')
    }
    return written
  }

  it('keeps both streams in the order in which they were written', async () => {
    const log = makeLog()
    const reading = log.read(stdout, stderr)
    for (let n = 0; n < 50; n += 1) {
      const source = n % 2 === 0 ? stdout : stderr
      source.write(`line ${n}\n`)
      await sleep(1)
    }
    stdout.destroy()
    stderr.destroy()
    await reading
    const counts = await log.close(5000)
    const all = await lines()
    expect(all.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, n) => `line ${n}`))
    expect(counts).toMatchObject({ cutBytes: 0, chunks: 1 })
  })

  it('writes a chunk when it is large enough, or old enough', async () => {
    const log = makeLog({ limits: SMALL })
    const reading = log.read(stdout, stderr)
    stdout.write('x'.repeat(20_000) + '\n')
    await sleep(200)
    stdout.write('later\n')
    await sleep(200)
    expect((await lines()).map(({ text }) => text.length)).toEqual([20_000, 5])
    stdout.destroy()
    stderr.destroy()
    await reading
    expect(await log.close(5000)).toMatchObject({ chunks: 2 })
  })

  it('cuts what the store cannot take, and says how many bytes', async () => {
    const slow = new StuckFiles(store.files)
    const log = makeLog({ limits: SMALL, files: slow.files })
    const reading = log.read(stdout, stderr)
    const written = await writeTooMuch()
    slow.isStuck = false
    await waitFor('the gap to be marked', async () =>
      (await lines()).some(({ stream }) => stream === 'system'),
    )
    stdout.write('the end\n')
    stdout.end()
    stderr.destroy()
    await reading
    const counts = await log.close(5000)
    const all = await lines()
    const gap = all.find(({ cutBytes }) => cutBytes !== undefined)
    const kept = all.filter(({ text: line }) => line.startsWith('x')).length * LINE.length
    expect(gap?.stream).toBe('system')
    expect(kept + (gap?.cutBytes ?? 0)).toBe(written)
    expect(counts.cutBytes).toBe(gap?.cutBytes)
    expect(counts.stdoutBytes).toBe(written + 8)
    expect(all.at(-1)?.text).toBe('the end')
  })

  it('blames no other process for output that it left unread itself', async () => {
    const stuck = new StuckFiles(store.files)
    const log = makeLog({ limits: SMALL, files: stuck.files })
    const reading = log.read(stdout, stderr)
    stderr.destroy()
    const finishing = log.finishReading(reading)
    for (let n = 0; n < 2000; n += 1) stdout.write(LINE)
    stdout.end()
    await finishing
    stuck.isStuck = false
    await log.close(10_000)
    const said = (await lines()).filter(({ stream }) => stream === 'system')
    expect(said.map(({ text }) => text).join()).not.toContain('outside of the job')
    expect(log.counts().stdoutBytes).toBe(200_000)
  })

  it('ends in its time where the store never answers, and says how much it may have lost', async () => {
    const silent = { put: () => new Promise<never>(() => undefined) } as unknown as Files
    const log = makeLog({ limits: { ...SMALL, bufferBytes: 1_000_000 }, files: silent })
    const reading = log.read(stdout, stderr)
    for (let n = 0; n < 500; n += 1) stdout.write(LINE)
    stdout.end()
    stderr.destroy()
    await reading
    log.system('a line of ours')
    const startMs = performance.now()
    const lost = { stdoutBytes: 50_000, cutBytes: 50_000, lostBytes: 50_000, chunks: 0 }
    expect(await log.close(200)).toMatchObject(lost)
    expect(performance.now() - startMs).toBeLessThan(5000)
    expect(await log.close(200)).toMatchObject(lost)
  })

  it('says how much is missing also where the marker of a gap was lost with what stood around it', async () => {
    const stuck = new StuckFiles(store.files)
    const log = makeLog({ limits: SMALL, files: stuck.files })
    const reading = log.read(stdout, stderr)
    const written = await writeTooMuch()
    stdout.end()
    stderr.destroy()
    await reading
    const counts = await log.close(200)
    expect(counts).toMatchObject({ cutBytes: written, lostBytes: written, chunks: 0 })
    expect(await lines()).toEqual([])
  })

  it('loses nothing while the store is away for a short time', async () => {
    const away = new StuckFiles(store.files)
    const log = makeLog({ limits: { ...SMALL, bufferBytes: 1_000_000 }, files: away.files })
    const reading = log.read(stdout, stderr)
    for (let n = 0; n < 1000; n += 1) stdout.write(`line ${n}\n`)
    await sleep(300)
    away.isStuck = false
    stdout.end()
    stderr.destroy()
    await reading
    expect(await log.close(10_000)).toMatchObject({ cutBytes: 0 })
    expect(await lines()).toHaveLength(1000)
  })
})

/** A file store that is away until the test says otherwise. */
class StuckFiles {
  isStuck = true
  readonly files: Files

  constructor(files: Files) {
    this.files = {
      put: (file) => {
        if (this.isStuck) return Promise.reject(new PortUnavailable('files', 'put', 'test'))
        return files.put(file)
      },
    } as Files
  }
}
