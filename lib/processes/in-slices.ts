/**
 * Two ways to run one piece of synchronous work that says where it may pause: a guard takes it in
 * one go, and a process that serves others lets them have their turn at each pause.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

export function finish<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

export async function finishInSlices<T>(work: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    await nextTurn()
  }
}
