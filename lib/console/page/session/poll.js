/**
 * Runs `look` again and again, `periodMs` after the last one ended; slower while it fails, and not
 * at all while the page is hidden.
 *
 * @param {(signal: AbortSignal) => Promise<void>} look
 * @param {{ periodMs: number, onFailure: (error: unknown) => void }} options
 * @returns {{ stop: () => void, now: () => void }}
 */
export function poll(look, { periodMs, onFailure }) {
  const stopped = new AbortController()
  let failures = 0
  /** Asked for while a look is under way: the next one follows without a pause. */
  let isAsked = false
  const remember = () => {
    isAsked = true
  }
  let wake = remember

  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        await look(stopped.signal)
        failures = 0
      } catch (error) {
        if (stopped.signal.aborted) return
        failures += 1
        onFailure(error)
      }
      await pause(Math.min(periodMs * 2 ** failures, MAX_PERIOD_MS))
      if (document.hidden && !stopped.signal.aborted) await shown(stopped.signal)
    }
  }

  /** @param {number} ms */
  const pause = async (ms) => {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, isAsked ? 0 : ms)
      wake = () => {
        clearTimeout(timer)
        resolve(undefined)
      }
    })
    isAsked = false
    wake = remember
  }

  void run()
  return {
    stop() {
      stopped.abort()
      wake()
    },
    now: () => wake(),
  }
}

const MAX_PERIOD_MS = 30_000

/** @param {AbortSignal} signal */
function shown(signal) {
  return new Promise((resolve) => {
    const check = () => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', check)
      resolve(undefined)
    }
    document.addEventListener('visibilitychange', check)
    signal.addEventListener('abort', check, { once: true })
  })
}
