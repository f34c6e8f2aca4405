import { type ChildProcess, fork } from 'node:child_process'
import { dirname, resolve } from 'node:path'

const RUNTIME = resolve(import.meta.dirname, '../fixtures/programs/invokes-lambda.mjs')
const ANSWER_MS = 60_000

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
  readonly residentBytes?: number
}

/** A bundle in a Node process of its own, with the environment that its function would have. */
export class StartedFunction {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #count = 0
  #log = ''
  /** Memory of the process when it answered last. */
  residentBytes = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (answer: Answer | string) => {
      if (typeof answer !== 'string') this.#waiting.get(answer.id)?.(answer)
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#log += chunk.toString()))
    }
  }

  /** What the function has written to its log. */
  get log(): string {
    return this.#log
  }

  /** @throws Error when the handler throws, as Lambda reports it */
  async invoke<T>(event: unknown, timeoutMs = 29_000): Promise<T> {
    const id = (this.#count += 1)
    const { promise, resolve: answer, reject } = Promise.withResolvers<Answer>()
    this.#waiting.set(id, answer)
    const timer = setTimeout(() => reject(new Error(`no answer: ${this.#log}`)), ANSWER_MS)
    this.#child.send({ id, event, timeoutMs })
    const { error, result, residentBytes = 0 } = await promise.finally(() => clearTimeout(timer))
    this.residentBytes = residentBytes
    if (error !== undefined) throw new Error(error)
    return result as T
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    this.#child.once('exit', () => end())
    this.#child.kill('SIGKILL')
    await ended
  }
}

/**
 * Imports a bundle as Lambda does: its folder is the working directory, and the environment is what
 * the function is given.
 *
 * @throws Error when the program does not come up, with what it wrote
 */
export async function startFunction(
  bundle: string,
  env: Readonly<Record<string, string>>,
): Promise<StartedFunction> {
  const child = fork(RUNTIME, [bundle], {
    cwd: dirname(bundle),
    env: { PATH: process.env['PATH'], ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const started = new StartedFunction(child)
  const { promise: up, resolve: ready, reject } = Promise.withResolvers<void>()
  child.once('message', () => ready())
  child.once('exit', () => reject(new Error(`it did not come up: ${started.log}`)))
  await up
  return started
}
