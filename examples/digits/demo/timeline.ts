import type { CliOutput } from '../../../lib/cli/io.ts'
import type { Paint } from '../../../lib/cli/paint.ts'

/** Prints what happens, a line each, with the seconds since the demo began. */
export class Timeline {
  readonly #output: CliOutput
  readonly #paint: Paint
  readonly #startMs: number
  readonly #monotonicMs: () => number

  constructor(output: CliOutput, paint: Paint, monotonicMs: () => number) {
    this.#output = output
    this.#paint = paint
    this.#monotonicMs = monotonicMs
    this.#startMs = monotonicMs()
  }

  get seconds(): number {
    return (this.#monotonicMs() - this.#startMs) / 1000
  }

  heading(text: string): void {
    this.#output.write(`\n${this.#paint('bold', text)}\n`)
  }

  /** `who` is one of few: fleet, scaler, a run's name. */
  event(who: string, text: string): void {
    const at = `${this.seconds.toFixed(1).padStart(6)} s`
    this.#output.write(`${this.#paint('dim', at)}  ${who.padEnd(7)} ${text}\n`)
  }

  text(lines: string): void {
    this.#output.write(`${lines}\n`)
  }
}
