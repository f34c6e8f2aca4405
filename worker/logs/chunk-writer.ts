import { logChunkKey } from '../../lib/job/keys.ts'
import { encodeLogChunk, type LogLine } from '../../lib/job/log-chunk.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Files } from '../../lib/ports/files.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Pace } from '../loop/pace.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'

export interface ChunkLimits {
  /** A chunk is closed at this size … */
  readonly chunkBytes: number
  /** … or this long after its first line. */
  readonly chunkMs: number
  /** How much may wait for the store. */
  readonly bufferBytes: number
}

export const CHUNK_LIMITS: ChunkLimits = {
  chunkBytes: 1_048_576,
  chunkMs: 1000,
  bufferBytes: 33_554_432,
}

interface WriterDeps {
  readonly files: Files
  readonly clock: Clock
  readonly pace: Pace
  readonly log: Log
  /** The attempt's folder. */
  readonly prefix: string
  readonly limits: ChunkLimits
  /** After each chunk that was stored. */
  readonly onStored: () => void
}

/** The job's own output in some lines. */
interface Output {
  readonly keptBytes: number
  /** What was cut before, and is marked in them. */
  readonly markedBytes: number
}

interface Chunk extends Output {
  readonly body: Buffer
}

const NONE: Output = { keptBytes: 0, markedBytes: 0 }

/**
 * Writes log lines as numbered files, one after the other, so that a reader who sees chunk n has
 * seen all before it. A chunk is tried until the store takes it or the writer is closed.
 */
export class ChunkWriter {
  readonly #deps: WriterDeps
  readonly #timer: WakeableTimer
  readonly #waiting: Chunk[] = []
  readonly #giveUp = new AbortController()
  readonly #running: Promise<void>
  #open: string[] = []
  #openBytes = 0
  #openOutput = NONE
  #openSinceMs = 0
  #waitingBytes = 0
  #isClosed = false
  stored = 0

  constructor(deps: WriterDeps) {
    this.#deps = deps
    this.#timer = new WakeableTimer(deps.clock)
    this.#running = this.#run()
  }

  get bufferedBytes(): number {
    return this.#waitingBytes + this.#openBytes
  }

  add(line: LogLine): void {
    const text = encodeLogChunk([line])
    if (this.#openBytes === 0) {
      this.#openSinceMs = this.#deps.clock.monotonicMs()
      this.#timer.wake()
    }
    this.#open.push(text)
    this.#openBytes += Buffer.byteLength(text)
    this.#openOutput = add(this.#openOutput, outputOf(line))
    if (this.#openBytes >= this.#deps.limits.chunkBytes) this.#closeChunk()
  }

  /**
   * Writes what is left, for at most `withinMs`, also where the store does not answer at all; answers
   * the output that it has not certainly taken.
   */
  async close(withinMs: number): Promise<Output> {
    this.#isClosed = true
    this.#closeChunk()
    this.#timer.wake()
    const timer = setTimeout(() => this.#giveUp.abort(), Math.min(withinMs, 2 ** 31 - 1))
    await Promise.race([this.#running, untilAborted(this.#giveUp.signal)])
    clearTimeout(timer)
    return this.#waiting.reduce(add, NONE)
  }

  /** From here on nothing is stored. */
  abandon(): void {
    this.#giveUp.abort()
  }

  #closeChunk(): void {
    if (this.#open.length === 0) return
    const body = Buffer.from(this.#open.join(''))
    this.#waiting.push({ body, ...this.#openOutput })
    this.#waitingBytes += body.length
    this.#open = []
    this.#openBytes = 0
    this.#openOutput = NONE
    this.#timer.wake()
  }

  async #run(): Promise<void> {
    const { clock, limits } = this.#deps
    while (!this.#giveUp.signal.aborted) {
      const chunk = this.#waiting[0]
      if (chunk !== undefined) {
        await this.#store(chunk)
        continue
      }
      if (this.#isClosed) return
      const ageMs = clock.monotonicMs() - this.#openSinceMs
      if (this.#openBytes > 0 && ageMs >= limits.chunkMs) this.#closeChunk()
      else await this.#timer.wait(this.#openBytes > 0 ? limits.chunkMs - ageMs : 60_000)
    }
  }

  async #store({ body }: Chunk): Promise<void> {
    const { files, prefix, clock, pace, log, onStored } = this.#deps
    const key = logChunkKey(prefix, this.stored)
    const put = { key, body, contentType: 'application/x-ndjson' }
    const wait = pace.backoff('logs')
    while (!this.#giveUp.signal.aborted) {
      try {
        await files.put(put)
        this.#waiting.shift()
        this.#waitingBytes -= body.length
        this.stored += 1
        onStored()
        return
      } catch (error) {
        log.warn('log chunk not stored', { key, error: String(error) })
        await clock.sleep(wait.nextMs(), this.#giveUp.signal)
      }
    }
  }
}

function outputOf({ stream, text, cutBytes = 0 }: LogLine): Output {
  const keptBytes = stream === 'system' ? 0 : Buffer.byteLength(text) + 1
  return { keptBytes, markedBytes: cutBytes }
}

function add(one: Output, other: Output): Output {
  return {
    keptBytes: one.keptBytes + other.keptBytes,
    markedBytes: one.markedBytes + other.markedBytes,
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
