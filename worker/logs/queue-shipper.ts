import { type Job, toTimestamp } from '../../lib/job/job.ts'
import type { LogLine } from '../../lib/job/log-chunk.ts'
import { type LogMessage, MAX_OUTPUT_MESSAGE_BYTES } from '../../lib/job/messages.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import type { Pace } from '../loop/pace.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import { cutText } from './split-lines.ts'

interface ShipperDeps {
  readonly queues: Queues
  readonly clock: Clock
  readonly pace: Pace
  readonly log: Log
  readonly job: Job
}

/** Lines wait this long for company. */
const BATCH_MS = 1000
/** Room for the fields around the lines. */
const BATCH_BYTES = MAX_OUTPUT_MESSAGE_BYTES - 20_000
/** At most one message in this time: 1.8 MB a second for each job. */
const PERIOD_MS = 100
const BUFFER_BYTES = 4_194_304
/** JSON may take six bytes for a character, so a part always fits into one message. */
const MAX_TEXT_CHARS = 16_384
const CLOSE_MS = 10_000

/**
 * Sends live log lines to the output queue, in batches. A queue that is slow or away costs lines,
 * marked by a gap line with its byte count; the files have them all. The job never waits for it.
 */
export class QueueShipper {
  readonly #deps: ShipperDeps
  readonly #timer: WakeableTimer
  readonly #giveUp = new AbortController()
  readonly #running: Promise<void>
  #waiting: { line: LogLine; bytes: number }[] = []
  #waitingBytes = 0
  #gapBytes = 0
  #sent = 0
  #isClosed = false

  constructor(deps: ShipperDeps) {
    this.#deps = deps
    this.#timer = new WakeableTimer(deps.clock)
    this.#running = this.#run()
  }

  add(line: LogLine): void {
    for (const text of cutText(line.text, MAX_TEXT_CHARS)) this.#addPart({ ...line, text })
  }

  /** Sends what is left, for at most 10 s or `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.#isClosed = true
    this.#markGap()
    this.#timer.wake()
    const timer = setTimeout(() => this.#giveUp.abort(), Math.min(withinMs, CLOSE_MS))
    await this.#running
    clearTimeout(timer)
    if (this.#waitingBytes === 0) return
    this.#deps.log.warn('log lines not sent to the output queue', { bytes: this.#waitingBytes })
  }

  /** From here on nothing is sent. */
  abandon(): void {
    this.#giveUp.abort()
  }

  #addPart(line: LogLine): void {
    const bytes = Buffer.byteLength(JSON.stringify(line)) + 1
    if (this.#waitingBytes + bytes > BUFFER_BYTES) {
      this.#gapBytes += Buffer.byteLength(line.text) + 1
      return
    }
    this.#push(line, bytes)
    if (this.#waiting.length === 1 || this.#waitingBytes >= BATCH_BYTES) this.#timer.wake()
  }

  #push(line: LogLine, bytes: number): void {
    this.#waiting.push({ line, bytes })
    this.#waitingBytes += bytes
  }

  #markGap(): void {
    if (this.#gapBytes === 0) return
    const text = `${this.#gapBytes} bytes of output were not sent here; the log files have them`
    this.#gapBytes = 0
    this.#push({ stream: 'system', at: toTimestamp(this.#deps.clock.now()), text }, text.length)
  }

  async #run(): Promise<void> {
    const { signal } = this.#giveUp
    while (!signal.aborted) {
      if (this.#waiting.length === 0) {
        if (this.#isClosed) return
        await this.#timer.wait(60_000)
        continue
      }
      if (!this.#isClosed && this.#waitingBytes < BATCH_BYTES) await this.#timer.wait(BATCH_MS)
      await this.#send(this.#takeBatch())
      await this.#deps.clock.sleep(PERIOD_MS, signal)
    }
  }

  #takeBatch(): LogLine[] {
    let count = 0
    let bytes = 0
    for (const entry of this.#waiting) {
      if (count > 0 && bytes + entry.bytes > BATCH_BYTES) break
      count += 1
      bytes += entry.bytes
    }
    const batch = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    this.#waitingBytes -= bytes
    if (this.#waitingBytes < BUFFER_BYTES / 2) this.#markGap()
    return batch.map(({ line }) => line)
  }

  async #send(lines: readonly LogLine[]): Promise<void> {
    const { queues, clock, pace, log } = this.#deps
    const body = JSON.stringify(this.#toMessage(lines))
    const wait = pace.backoff('logs')
    while (!this.#giveUp.signal.aborted) {
      try {
        await queues.send('output', [{ body }])
        this.#sent += 1
        return
      } catch (error) {
        log.warn('log lines not sent', { error: String(error) })
        await clock.sleep(wait.nextMs(), this.#giveUp.signal)
      }
    }
    this.#waitingBytes += body.length
  }

  #toMessage(lines: readonly LogLine[]): LogMessage {
    const { job, clock } = this.#deps
    return {
      id: `${job.id}:${job.attempt}:log:${this.#sent}`,
      kind: 'log',
      jobId: job.id,
      attempt: job.attempt,
      taskType: job.taskType,
      tenant: job.tenant,
      tags: { ...job.tags },
      at: toTimestamp(clock.now()),
      chunk: this.#sent,
      lines: lines.map(({ stream, at, text }) => ({ stream, at, text })),
    }
  }
}
