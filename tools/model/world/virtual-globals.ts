import { currentLaneOrNone } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A property, so that it can be put back as it was. */
const HRTIME = Object.getOwnPropertyDescriptor(process.hrtime, 'bigint') ?? {}
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
}

interface VirtualTimer {
  clear(): void
  unref(): VirtualTimer
}

/**
 * Lets timers that code sets without a `Clock`, and the monotonic clock that a worker shares with
 * its guards, follow virtual time for as long as a run lasts. Code of no process keeps real ones.
 *
 * @returns a function that puts the real ones back
 */
export function followVirtualTime(time: VirtualTime): () => void {
  const start = (wake: () => void, ms = 0, repeats = false): unknown => {
    const lane = currentLaneOrNone()
    if (lane === undefined) return (repeats ? real.setInterval : real.setTimeout)(wake, ms)
    let clear = (): void => undefined
    const arm = (): void => {
      clear = time.after(lane, ms, () => {
        if (repeats) arm()
        wake()
      })
    }
    arm()
    const timer: VirtualTimer = { clear: () => clear(), unref: () => timer }
    return timer
  }
  const stop = (timer: unknown): void => {
    if (isVirtual(timer)) timer.clear()
    else real.clearTimeout(timer as NodeJS.Timeout)
  }
  const globals = {
    setTimeout: (wake: () => void, ms?: number) => start(wake, ms),
    setInterval: (wake: () => void, ms?: number) => start(wake, ms, true),
    clearTimeout: stop,
    clearInterval: stop,
  }
  Object.assign(globalThis, globals)
  const bigint = (): bigint => BigInt(Math.round((time.nowMs + 1) * 1e6))
  Object.defineProperty(process.hrtime, 'bigint', { ...HRTIME, value: bigint })
  return () => {
    Object.assign(globalThis, real)
    Object.defineProperty(process.hrtime, 'bigint', HRTIME)
  }
}

function isVirtual(timer: unknown): timer is VirtualTimer {
  return typeof timer === 'object' && timer !== null && 'clear' in timer
}
