import { setTimeout as sleep } from 'node:timers/promises'
import { pickWeighted, type Random } from '../support/random.ts'

/** One sort of fault of a campaign; `S` is what it strikes. */
export interface CampaignFault<S> {
  readonly weight: number
  /** Faults with a part in common never meet: one service is not stopped while it starts. */
  readonly parts?: readonly string[]
  /** Comes before all others the first time: what it shows takes longest to come out. */
  readonly isFirst?: boolean
  readonly inject: (stage: S, random: Random) => Promise<void>
}

interface Schedule<S> {
  readonly faults: readonly CampaignFault<S>[]
  readonly random: Random
  readonly pauseMs: number
}

/**
 * Injects one fault after the other until the signal: first each once, in an order that the seed
 * decides, then by weight. Resolves when the last of them is over.
 */
export async function injectFaults<S>(
  stage: S,
  { faults, random, pauseMs }: Schedule<S>,
  signal: AbortSignal,
): Promise<void> {
  const busy = new Set<string>()
  const running: Promise<void>[] = []
  const first = orderFirst(faults, random)
  const isFree = ({ parts = [] }: CampaignFault<S>): boolean => parts.every((at) => !busy.has(at))
  for (let count = 0; !signal.aborted; count += 1) {
    const waitMs = random.int(pauseMs / 2, pauseMs * 1.5)
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    const due = first.findIndex(isFree)
    const fault = first.splice(due, due < 0 ? 0 : 1)[0] ?? pickWeighted(random, faults)
    if (signal.aborted || !isFree(fault)) continue
    const { parts = [] } = fault
    for (const part of parts) busy.add(part)
    const injected = fault.inject(stage, random.fork(String(count)))
    running.push(
      injected.finally(() => {
        for (const part of parts) busy.delete(part)
      }),
    )
  }
  await Promise.all(running)
}

function orderFirst<S>(faults: readonly CampaignFault<S>[], random: Random): CampaignFault<S>[] {
  const drawn = faults.map((fault) => ({ fault, at: random.next() - (fault.isFirst ? 1 : 0) }))
  return drawn.toSorted((one, other) => one.at - other.at).map(({ fault }) => fault)
}
