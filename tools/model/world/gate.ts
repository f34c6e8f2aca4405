/** What a port call is, before it is carried out. */
export interface CallInfo {
  /** `table`, `queues`, `files`, `fleet`, `protection`. */
  readonly port: string
  readonly action: string
  /** Which rows, queue, file or task, in words that stay the same from run to run. */
  readonly target: string
  /** A call that waits (a long poll): whether its answer is there. */
  readonly isReady?: () => boolean
  /** When, on the clock of its port, it may become so by itself. */
  readonly readyAtMs?: () => number
}

/** Every port call of the model goes through a gate, which decides when it is carried out. */
export interface Gate {
  call<T>(info: CallInfo, effect: () => T): Promise<T>
}

const POLL_MS = 5

/** Carries each call out at once; one that waits is polled. For the ports by themselves. */
export const openGate: Gate = {
  async call({ isReady }, effect) {
    for (;;) {
      if (isReady?.() !== false) return effect()
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS)
      })
    }
  },
}
