import type { Attempt } from './attempt.ts'

const MAX_TIMER_MS = 2 ** 31 - 1 // 24.8 days; Node fires at once above it

/** Stops the attempt once it has run for `limits.runSeconds` (0: never). */
export function limitRunTime({ job, control }: Attempt): { clear(): void } {
  const { runSeconds, graceSeconds } = job.limits
  if (runSeconds === 0) return { clear: () => undefined }
  let timer: NodeJS.Timeout | undefined
  const wait = (leftMs: number): void => {
    const sliceMs = Math.min(leftMs, MAX_TIMER_MS)
    timer = setTimeout(() => {
      if (leftMs > sliceMs) wait(leftMs - sliceMs)
      else control.stop({ why: 'timed-out', graceMs: graceSeconds * 1000 })
    }, sliceMs)
  }
  wait(runSeconds * 1000)
  return { clear: () => clearTimeout(timer) }
}
