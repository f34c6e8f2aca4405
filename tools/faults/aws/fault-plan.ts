import type { Fault } from './fault.ts'
import { makeRandom, roll } from './roll.ts'
import type { ServiceCall, ServiceName } from './service-call.ts'

/** A fault and its share of the calls that it can hit. */
export interface PlannedFault {
  readonly fault: Fault
  /** 0–1 */
  readonly share: number
}

export interface Chosen {
  readonly fault: Fault | undefined
  readonly random: () => number
}

/** Of the faults, those that meet every further try of the same call of a client too. */
const STUBBORN_SHARE = 0.25
/** Calls whose tries are remembered; far more than are under way at a time. */
const MAX_STUBBORN = 500

/**
 * Which call goes wrong, and how. What is drawn for a call follows from the seed, its operation and
 * how many calls of that operation came before it.
 */
export class FaultPlan {
  readonly faults: readonly Fault[]
  readonly #seed: number
  readonly #planned: readonly PlannedFault[]
  readonly #counts = new Map<string, number>()
  readonly #stubborn = new Map<string, Fault>()
  readonly #outages = new Map<ServiceName, Fault>()
  #isCalm = false

  constructor(seed: number, planned: readonly PlannedFault[]) {
    this.#seed = seed
    this.#planned = planned
    this.faults = planned.map(({ fault }) => fault)
  }

  /** From now on every call goes through. */
  calm(): void {
    this.#isCalm = true
    this.#stubborn.clear()
    this.#outages.clear()
  }

  /** Until `endOutage`, every call of the service that it can hit meets this fault. */
  beginOutage(service: ServiceName, fault: Fault): void {
    if (!this.#isCalm) this.#outages.set(service, fault)
  }

  endOutage(service: ServiceName): void {
    this.#outages.delete(service)
  }

  choose(call: ServiceCall): Chosen {
    const name = `${call.service} ${call.action}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const random = makeRandom(this.#seed, name, count)
    if (this.#isCalm) return { fault: undefined, random }
    const outage = this.#outages.get(call.service)
    const fault = outage?.hits(call) === true ? outage : this.#repeated(call)
    return { fault: fault ?? this.#draw(call, roll(this.#seed, name, count, 'draw')), random }
  }

  #repeated(call: ServiceCall): Fault | undefined {
    return this.#stubborn.get(invocationOf(call))
  }

  #draw(call: ServiceCall, drawn: number): Fault | undefined {
    let upTo = 0
    for (const { fault, share } of this.#planned) {
      if (!fault.hits(call)) continue
      const from = upTo
      upTo += share
      if (drawn >= upTo) continue
      if (drawn < from + share * STUBBORN_SHARE) this.#persist(call, fault)
      return fault
    }
    return undefined
  }

  #persist(call: ServiceCall, fault: Fault): void {
    const invocation = invocationOf(call)
    if (invocation === '') return
    this.#stubborn.set(invocation, fault)
    const [oldest = ''] = this.#stubborn.keys()
    if (this.#stubborn.size > MAX_STUBBORN) this.#stubborn.delete(oldest)
  }
}

/** The SDK sends the same id with every try of a call. */
function invocationOf({ request }: ServiceCall): string {
  return String(request.headers['amz-sdk-invocation-id'] ?? '')
}
