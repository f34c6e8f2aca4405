import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_MS = 25
const LONGEST_MS = 1000

/** The pause before try `round` + 1 (rounds from 0): 25 ms, doubled each time, at most 1 s. */
export async function backOff(round: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.min(FIRST_MS * 2 ** round, LONGEST_MS), undefined, { signal })
}
