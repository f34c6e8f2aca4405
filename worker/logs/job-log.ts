/**
 * The log of one attempt: reads the command's pipes, preserves the order in which it read, and hands
 * the lines to the file store and, where wanted, to the output queue.
 *
 * The job never waits for the store for long. When the buffer is full, the pipes are left unread
 * for at most `PAUSE_MS` (a store that is merely slow catches up, and the job feels an ordinary
 * full pipe); after that lines are cut until half of the buffer is free again. What was cut stands
 * in the log as a `system` line with its byte count.
 */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { BeatReport } from '../../lib/job/life/attempt.ts'
import type { LogCounts, Progress } from '../../lib/job/job.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import type { LogLine } from '../../lib/job/log-chunk.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Files } from '../../lib/ports/files.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Pace } from '../loop/pace.ts'
import { CHUNK_LIMITS, type ChunkLimits, ChunkWriter } from './chunk-writer.ts'
import { parseProgress } from './parse-progress.ts'
import type { QueueShipper } from './queue-shipper.ts'
import { LineSplitter } from './split-lines.ts'

export interface JobLogOptions {
  readonly files: Files
  readonly clock: Clock
  readonly pace: Pace
  readonly log: Log
  readonly prefix: string
  /** Live lines to the output queue, where the job wants them. */
  readonly queue?: QueueShipper
  /** @default CHUNK_LIMITS */
  readonly limits?: ChunkLimits
  /** After a stored chunk or a progress line: what the next beat should carry. */
  readonly onReport: (report: BeatReport) => void
}

type OutputStream = 'stdout' | 'stderr'

const PAUSE_MS = 2000
const REPORT_MS = 100
/** For output that arrives after the group has ended: only a process outside of it can send more. */
const PIPE_END_MS = 2000
/** A pipe that is left holds far less than what fills the buffer so often. */
const MAX_END_ROUNDS = 5

export class JobLog {
  readonly #options: JobLogOptions
  readonly #limits: ChunkLimits
  readonly #writer: ChunkWriter
  readonly #sources: Readable[] = []
  readonly #bytes = { stdout: 0, stderr: 0 }
  #progress: Progress | undefined
  #reportedAtMs = -Infinity
  #cutBytes = 0
  /** At the end: what the store did not take. */
  #lost = { keptBytes: 0, markedBytes: 0 }
  #gapBytes = 0
  #isCutting = false
  #pauseTimer: NodeJS.Timeout | undefined
  #wasPaused = false

  constructor(options: JobLogOptions) {
    this.#options = options
    this.#limits = options.limits ?? CHUNK_LIMITS
    this.#writer = new ChunkWriter({
      ...options,
      limits: this.#limits,
      onStored: () => {
        this.#relax()
        this.#report()
      },
    })
  }

  /** Reads both pipes to their end; resolves when both have ended. */
  async read(stdout: Readable, stderr: Readable): Promise<void> {
    await Promise.all([this.#readOne('stdout', stdout), this.#readOne('stderr', stderr)])
  }

  /** The group has ended: its pipes are given a moment to run dry, then closed. */
  async finishReading(reading: Promise<void>): Promise<void> {
    const waiting = new AbortController()
    const dry = reading.then(() => waiting.abort())
    await this.#awaitDry(waiting.signal)
    if (waiting.signal.aborted) return
    this.system('output closed: a process outside of the job still holds it open')
    for (const source of this.#sources) source.destroy()
    await dry
  }

  /** A time in which the pipes were left unread, for the store's sake, says nothing of them. */
  async #awaitDry(signal: AbortSignal): Promise<void> {
    for (let rounds = 0; rounds < MAX_END_ROUNDS && !signal.aborted; rounds += 1) {
      this.#wasPaused = this.#pauseTimer !== undefined
      await this.#options.clock.sleep(PIPE_END_MS, signal)
      if (!this.#wasPaused) return
    }
  }

  /** A line of ours. */
  system(text: string, cutBytes?: number): void {
    const at = toTimestamp(this.#options.clock.now())
    this.#add({
      stream: 'system',
      at,
      text: toOneLine(text),
      ...(cutBytes !== undefined && { cutBytes }),
    })
  }

  /** What is known of progress and log sizes now. */
  report(): BeatReport & { readonly logs: LogCounts } {
    return { logs: this.counts(), ...(this.#progress && { progress: this.#progress }) }
  }

  counts(): LogCounts {
    const { keptBytes, markedBytes } = this.#lost
    const lostBytes = keptBytes + markedBytes
    return {
      stdoutBytes: this.#bytes.stdout,
      stderrBytes: this.#bytes.stderr,
      cutBytes: this.#cutBytes + keptBytes,
      chunks: this.#writer.stored,
      ...(lostBytes > 0 && { lostBytes }),
    }
  }

  /** Stores what is left, for at most `withinMs`; the counts then say what was lost. */
  async close(withinMs: number): Promise<LogCounts> {
    clearTimeout(this.#pauseTimer)
    this.#markGap()
    const [lost] = await Promise.all([
      this.#writer.close(withinMs),
      this.#options.queue?.close(withinMs),
    ])
    this.#lost = lost
    return this.counts()
  }

  /** The attempt no longer holds its job: from here on nothing is stored or sent. */
  abandon(): void {
    this.#writer.abandon()
    this.#options.queue?.abandon()
  }

  async #readOne(stream: OutputStream, source: Readable): Promise<void> {
    const splitter = new LineSplitter()
    this.#sources.push(source)
    source.on('data', (bytes: Buffer) => {
      this.#bytes[stream] += bytes.length
      this.#take(stream, splitter.push(bytes))
    })
    source.on('error', (error) => {
      this.#options.log.warn('output pipe failed', { stream, error: String(error) })
    })
    if (!source.closed) await once(source, 'close').catch(() => undefined)
    this.#take(stream, splitter.end())
  }

  #take(stream: OutputStream, lines: readonly string[]): void {
    const at = toTimestamp(this.#options.clock.now())
    for (const text of lines) {
      if (stream === 'stdout') this.#noteProgress(text, at)
      this.#admit({ stream, at, text })
    }
    if (!this.#isCutting && this.#isFull) this.#pause()
  }

  get #isFull(): boolean {
    return this.#writer.bufferedBytes >= this.#limits.bufferBytes
  }

  #admit(line: LogLine): void {
    if (this.#isCutting) {
      const bytes = Buffer.byteLength(line.text) + 1
      this.#gapBytes += bytes
      this.#cutBytes += bytes
      return
    }
    this.#add(line)
  }

  #add(line: LogLine): void {
    this.#writer.add(line)
    this.#options.queue?.add(line)
  }

  #pause(): void {
    this.#wasPaused = true
    if (this.#pauseTimer !== undefined) return
    for (const source of this.#sources) source.pause()
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined
      this.#isCutting = true
      for (const source of this.#sources) source.resume()
    }, PAUSE_MS)
  }

  /** Half of the buffer is free again. */
  #relax(): void {
    if (this.#writer.bufferedBytes > this.#limits.bufferBytes / 2) return
    if (this.#pauseTimer !== undefined) {
      clearTimeout(this.#pauseTimer)
      this.#pauseTimer = undefined
      for (const source of this.#sources) source.resume()
    }
    this.#markGap()
  }

  #markGap(): void {
    this.#isCutting = false
    if (this.#gapBytes === 0) return
    const bytes = this.#gapBytes
    this.#gapBytes = 0
    this.system(`${bytes} bytes of output were cut here: the log store was too slow`, bytes)
  }

  #noteProgress(text: string, at: string): void {
    const parsed = parseProgress(text)
    if (parsed === undefined) return
    this.#progress = { ...parsed, at }
    this.#report()
  }

  /** At most ten times a second, however many progress lines come. */
  #report(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#reportedAtMs < REPORT_MS) return
    this.#reportedAtMs = nowMs
    this.#options.onReport(this.report())
  }
}

/** A name that a job has chosen must not end our line and begin another in our voice. */
function toOneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
