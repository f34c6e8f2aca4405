import process from 'node:process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Resolves once the service has stopped: at the first signal it is asked to, at each further one it
 * is told to hurry.
 *
 * @param onSignal gets how many signals there were; resolves when the service has stopped
 */
export function waitForStop(onSignal: (count: number) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        count += 1
        onSignal(count).then(resolve, reject)
      })
    }
  })
}
