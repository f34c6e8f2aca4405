import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BeatReport } from '../../../lib/job/life/attempt.ts'
import { decodeLogChunk } from '../../../lib/job/log-chunk.ts'
import type { Files } from '../../../lib/ports/files.ts'
import { JobLog, type JobLogOptions } from '../../../worker/logs/job-log.ts'
import { makePace } from '../../../worker/loop/pace.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { quietLog } from '../support/quiet-log.ts'

describe('output that comes slowly, or says much', () => {
  let clock: FakeClock
  let stdout: PassThrough
  let chunks: string[]
  let reports: BeatReport[]
  let failures: number

  beforeEach(() => {
    clock = new FakeClock()
    stdout = new PassThrough()
    chunks = []
    reports = []
    failures = 0
  })

  function openLog(options: Partial<JobLogOptions> = {}): JobLog {
    const files = {
      put: async ({ body }: { body: Buffer }) => {
        failures -= 1
        if (failures >= 0) throw new Error('away')
        chunks.push(String(body))
      },
    } as unknown as Files
    const log = new JobLog({
      files,
      clock,
      pace: makePace({ random: () => 1 }),
      log: quietLog,
      prefix: 'jobs/1/1/',
      onReport: (report) => reports.push(report),
      ...options,
    })
    void log.read(stdout, new PassThrough())
    return log
  }

  it('is stored in few files, not one for each line', async () => {
    openLog()
    for (let n = 0; n < 40; n += 1) {
      stdout.write(`line ${n}\n`)
      await clock.advance(50)
    }
    await clock.advance(1000)
    expect(chunks.length).toBeLessThanOrEqual(3)
    const lines = chunks.flatMap((chunk) => [...decodeLogChunk(chunk)])
    expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 40 }, (_, n) => `line ${n}`))
  })

  it('is there to be read a second after it was written', async () => {
    openLog()
    stdout.write('one\n')
    await clock.advance(900)
    expect(chunks).toEqual([])
    await clock.advance(200)
    expect(chunks).toHaveLength(1)
  })

  it('reports progress ten times a second at most, and its last value with the end', async () => {
    const log = openLog()
    for (let n = 0; n < 1000; n += 1) {
      stdout.write(`[progress] ${n / 1000}\n`)
      if (n % 10 === 0) await clock.advance(1)
    }
    expect(reports.length).toBeGreaterThanOrEqual(1)
    expect(reports.length).toBeLessThanOrEqual(2)
    await clock.advance(100)
    expect(log.report().progress?.fraction).toBe(0.999)
  })

  it('is stored soon after the store is back: the wait between two tries is 5 s at most', async () => {
    openLog()
    failures = 9
    stdout.write('one\n')
    await clock.advance(1000 + 250 + 500 + 1000 + 2000 + 4000 + 3 * 5000)
    expect(failures).toBe(0)
    await clock.advance(5000)
    expect(chunks).toHaveLength(1)
  })
})
