/** Runs asynchronous actions one after the other, in the order in which they were given. */
export class Serial {
  readonly #between: (() => Promise<void>) | undefined
  #waiting = 0
  #last: Promise<void> = Promise.resolve()

  /** @param between runs after an action, where another one waits for its turn; must not reject */
  constructor(between?: () => Promise<void>) {
    this.#between = between
  }

  /** An action that fails fails its own caller alone, and not the next action. */
  run<T>(action: () => Promise<T>): Promise<T> {
    this.#waiting += 1
    const result = this.#last.then(action)
    const after = (): Promise<void> | undefined => {
      this.#waiting -= 1
      return this.#waiting > 0 ? this.#between?.() : undefined
    }
    this.#last = result.then(after, after)
    return result
  }

  /** Resolves when all that was given so far has ended. */
  idle(): Promise<void> {
    return this.#last
  }
}
