import { readFileSync, writeFileSync } from 'node:fs'
import type { ModelAnswer, ModelCall } from '../../../worker/query/call-model.ts'
import type { Model } from '../../../worker/query/model.ts'
import type { Gate } from './gate.ts'
import { type Lane, Process } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'

/** One query that a worker sent, or tried to send, to its model server. */
export interface ModelAsk {
  readonly jobId: string
  readonly attempt: number
  readonly worker: Process
  /** When the worker waited for it no longer. */
  endedAtMs?: number
  /** What came of it; none while it is open, and for good where nobody waited so long. */
  answer?: ModelAnswer
}

interface ModelAnswersOptions {
  readonly time: VirtualTime
  readonly worker: Lane
  readonly gate: Gate
  readonly onAsk: (ask: ModelAsk) => void
}

/** Between a connection that was refused and the next look at the port. */
const LOOK_MS = 1000

/**
 * Stands for the model server beside a worker, and for the HTTP between them: one port call takes
 * the query there, one brings the answer. A query is a list of words like a command: `work 4` takes
 * four seconds, `status 500` is the status of the answer.
 *
 * What fails at `model.ask` was refused, what is lost there, or fails at `model.answer`, was cut off.
 */
export class ModelAnswers {
  readonly #options: ModelAnswersOptions
  readonly #server = new Process('model server').main

  constructor(options: ModelAnswersOptions) {
    this.#options = options
  }

  readonly makeModel = (onChange: () => void): Model => {
    const { time, worker } = this.#options
    let isReady = true
    const set = (is: boolean): void => {
      isReady = is
      onChange()
    }
    return {
      get isReady() {
        return isReady
      },
      failedStarts: 0,
      note: '',
      doubt() {
        if (isReady) set(false)
        time.after(worker, LOOK_MS, () => set(true))
      },
      close: () => Promise.resolve(),
    }
  }

  readonly call = async (call: ModelCall): Promise<ModelAnswer> => {
    const { time, worker, onAsk } = this.#options
    // Reading a file is no port call: what is dead may just have come here by it.
    if (worker.process.isDead) return new Promise(() => undefined)
    const { 'x-scalable-job-id': jobId = '', 'x-scalable-job-attempt': attempt } = call.headers
    const ask: ModelAsk = { jobId, attempt: Number(attempt), worker: worker.process }
    const end = (): void => void (ask.endedAtMs ??= time.nowMs)
    worker.process.onDeath(end)
    onAsk(ask)
    ask.answer = await Promise.race([this.#exchange(call, ask), untilAborted(call.signal)])
    end()
    return ask.answer
  }

  async #exchange(call: ModelCall, { jobId, attempt }: ModelAsk): Promise<ModelAnswer> {
    const { gate } = this.#options
    const text = readFileSync(call.bodyFile, 'utf8')
    const target = `job#${jobId}`
    const pass = (action: string): Promise<ModelAnswer | undefined> =>
      gate.call({ port: 'model', action, target }, () => undefined)
    const unsent = await pass('ask')
    if (unsent !== undefined) return unsent
    await this.#work(Number(/work (\d+)/.exec(text)?.[1] ?? 0) * 1000)
    const unanswered = await pass('answer')
    if (unanswered !== undefined) return unanswered
    if (call.signal.aborted) return { kind: 'aborted' }
    const answer = `${jobId} ${attempt}`
    writeFileSync(call.answerFile, answer)
    const statusCode = Number(/status (\d+)/.exec(text)?.[1] ?? 200)
    return { kind: 'answered', statusCode, contentType: 'text/plain', bytes: answer.length }
  }

  #work(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.time.after(this.#server, ms, resolve)
    })
  }
}

function untilAborted(signal: AbortSignal): Promise<ModelAnswer> {
  return new Promise((resolve) => {
    const abort = (): void => resolve({ kind: 'aborted' })
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
