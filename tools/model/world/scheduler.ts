import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import type { CallInfo, Gate } from './gate.ts'
import { hash } from './hash.ts'
import { currentLane, type Lane, Process } from './process.ts'
import { parseDeviation, type Schedule } from './schedule.ts'
import type { VirtualTime } from './virtual-time.ts'

interface PendingCall {
  /** Who, what, and the how-manieth: see `Deviation.at`. */
  readonly id: string
  readonly lane: Lane
  readonly info: CallInfo
  readonly effect: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Calls that were made after the same step stand in the order of their lanes' names. */
  readonly round: number
  notBeforeMs: number
  /** Lets others go first, after those that did so earlier; 0: does not. */
  yieldedAt: number
}

/** One call as it was carried out, in a run. */
export interface Step {
  readonly id: string
  readonly lane: Lane
  readonly info: CallInfo
  readonly atMs: number
  /** Nobody else could go first. */
  readonly isAlone: boolean
}

interface SchedulerOptions {
  readonly time: VirtualTime
  readonly schedule: Schedule
  /** Such as a job's id → `j1`. */
  readonly rename: (target: string) => string
  /** Lets an actor begin that a deviation names. */
  readonly start: (name: string) => void
}

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown }

/** How a call goes; `wait`: not now. */
interface Verdict {
  readonly how: 'wait' | 'good' | 'fail' | 'lose' | 'slow' | 'ghost' | 'crash after'
  readonly ms: number
}

/**
 * Holds every port call of every process back and lets one at a time through. Without a deviation
 * the lane that was last goes on while it can, then the call that has waited longest is next, and
 * time passes only when no call can be made.
 */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #left = new Map<string, string[]>()
  readonly #counts = new Map<string, number>()
  /** What is on its way belongs to nobody who could die. */
  readonly #wire = new Process('wire').main
  #pending: PendingCall[] = []
  #lane: Lane | undefined
  #yields = 0
  #round = 0
  /** Calls that could be made at this step. */
  #runnable = 0
  /** What goes wrong with the call that is carried out now, although it answers; with its seconds. */
  readonly modifiers = new Map<string, number>()
  readonly steps: Step[] = []
  /** Calls and answers that are still on their way. */
  adrift = 0
  /** Whose call is carried out now. */
  acting: Lane | undefined
  /** Told of each call before it is carried out, with how it goes. */
  onCall: (info: CallInfo, lane: Lane, how: string) => void = () => undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
    for (const { at, do: what } of options.schedule) {
      this.#left.set(at, [...(this.#left.get(at) ?? []), what])
    }
  }

  /** Deviations that no call has met yet. */
  get unused(): number {
    return [...this.#left.values()].reduce((sum, each) => sum + each.length, 0)
  }

  /** The gate of one lane; without one, of whoever calls. */
  gate(lane?: Lane): Gate {
    return { call: (info, effect) => this.#enter(lane ?? currentLane(), info, effect) }
  }

  /** Carries out the next call. False: none can be made before time has passed. */
  step(): boolean {
    this.#round += 1
    const call = this.#next()
    if (call === undefined) return false
    const verdict = this.#judge(call)
    if (verdict.how !== 'wait') this.#finish(call, verdict)
    return true
  }

  /** When a call that has to wait may be made. */
  nextAtMs(): number {
    const { nowMs } = this.#options.time
    return this.#alive().reduce((soonest, { notBeforeMs, lane, info }) => {
      const heldUntilMs = Math.max(notBeforeMs, lane.frozenUntilMs)
      const atMs = heldUntilMs > nowMs ? heldUntilMs : (info.readyAtMs?.() ?? Infinity)
      return atMs > nowMs ? Math.min(soonest, atMs) : soonest
    }, Infinity)
  }

  /** Whether a call is held back by the schedule. */
  get isHolding(): boolean {
    const { nowMs } = this.#options.time
    return this.adrift > 0 || this.#alive().some((call) => call.notBeforeMs > nowMs)
  }

  /** Which calls wait, and for what, for telling two states apart. */
  describe(): string {
    const calls = this.#alive().map((call) => [call.id, call.notBeforeMs, call.yieldedAt > 0])
    return JSON.stringify([calls, this.#lane?.name, this.adrift])
  }

  #enter<T>(lane: Lane, info: CallInfo, effect: () => T): Promise<T> {
    // A process that is dead gets no answer; what still runs of it ends there.
    if (lane.process.isDead) return new Promise(() => undefined)
    const target = this.#options.rename(info.target)
    const name = `${lane.name} ${info.port}.${info.action} ${target}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({
        id: `${name} #${count}`,
        lane,
        info: { ...info, target },
        effect,
        resolve: resolve as (value: unknown) => void,
        reject,
        round: this.#round,
        notBeforeMs: -Infinity,
        yieldedAt: 0,
      })
    })
  }

  /** In an order that does not depend on whose files were read first. */
  #alive(): PendingCall[] {
    this.#pending = this.#pending.filter(({ lane }) => !lane.process.isDead).sort(compareCalls)
    return this.#pending
  }

  #next(): PendingCall | undefined {
    const { nowMs } = this.#options.time
    const runnable = this.#alive().filter(
      ({ lane, notBeforeMs, info }) =>
        lane.frozenUntilMs <= nowMs && notBeforeMs <= nowMs && info.isReady?.() !== false,
    )
    this.#runnable = runnable.length
    const eager = runnable.filter(({ yieldedAt }) => yieldedAt === 0)
    if (eager.length > 0) return eager.find(({ lane }) => lane === this.#lane) ?? eager[0]
    return runnable.toSorted((one, other) => one.yieldedAt - other.yieldedAt)[0]
  }

  /** Applies what the schedule says about this call, up to what decides how it goes now. */
  #judge(call: PendingCall): Verdict {
    const left = this.#left.get(call.id) ?? []
    for (let text = left.shift(); text !== undefined; text = left.shift()) {
      const how = this.#apply(call, text)
      if (how !== 'good') return { how, ms: parseDeviation(text).seconds * 1000 }
    }
    return { how: 'good', ms: 0 }
  }

  #apply(call: PendingCall, text: string): Verdict['how'] {
    const { time, start } = this.#options
    const { verb, rest, seconds } = parseDeviation(text)
    const { process } = call.lane
    const untilMs = time.nowMs + seconds * 1000
    switch (verb) {
      case 'crash before':
        process.die()
        return 'wait'
      case 'yield':
        call.yieldedAt = this.#yields += 1
        return 'wait'
      case 'late':
        call.notBeforeMs = untilMs
        return 'wait'
      case 'freeze':
        this.#freeze([process.main, process.beats], untilMs)
        return 'wait'
      case 'hang':
        this.#freeze([process.main], untilMs)
        return 'wait'
      case 'start':
        call.yieldedAt = this.#yields += 1
        start(rest)
        return 'wait'
      case 'jump':
        process.skewMs += seconds * 1000
        return 'good'
      case 'twice':
      case 'delay':
      case 'drop':
      case 'stale':
      case 'refuse':
        this.modifiers.set(verb, seconds)
        return 'good'
      default:
        return verb as Verdict['how']
    }
  }

  #freeze(lanes: readonly Lane[], untilMs: number): void {
    for (const lane of lanes) {
      lane.frozenSinceMs = this.#options.time.nowMs
      lane.frozenUntilMs = untilMs
    }
  }

  #finish(call: PendingCall, { how, ms }: Verdict): void {
    const { id, lane, info } = call
    this.#pending = this.#pending.filter((each) => each !== call)
    this.#lane = lane
    const atMs = this.#options.time.nowMs
    this.steps.push({ id, lane, info, atMs, isAlone: this.#runnable === 1 })
    this.onCall(info, lane, how)
    if (how === 'ghost') this.#drift(ms, () => void this.#carryOut(call))
    if (how === 'ghost' || how === 'fail') {
      this.#answer(call, failureOf(call, how))
      return
    }
    const outcome = this.#carryOut(call)
    if (how === 'crash after') lane.process.die()
    else if (how === 'slow') this.#drift(ms, () => this.#answer(call, outcome))
    else this.#answer(call, how === 'lose' ? failureOf(call, how) : outcome)
  }

  #drift(ms: number, arrive: () => void): void {
    this.adrift += 1
    this.#options.time.after(this.#wire, ms, () => {
      this.adrift -= 1
      arrive()
    })
  }

  #carryOut({ effect, lane }: PendingCall): Outcome {
    this.acting = lane
    try {
      return { ok: true, value: effect() }
    } catch (error) {
      return { ok: false, error }
    } finally {
      this.acting = undefined
      this.modifiers.clear()
    }
  }

  #answer({ id, lane, resolve, reject }: PendingCall, outcome: Outcome): void {
    const { time } = this.#options
    const { process } = lane
    const shown = outcome.ok ? JSON.stringify(outcome.value) : String(outcome.error)
    process.history = hash(`${process.history} ${id} ${shown} ${time.nowMs}`)
    time.deliver(lane, () => {
      if (outcome.ok) resolve(outcome.value)
      else reject(outcome.error)
    })
  }
}

function compareCalls(one: PendingCall, other: PendingCall): number {
  if (one.round !== other.round) return one.round - other.round
  if (one.lane === other.lane) return 0
  return one.lane.name < other.lane.name ? -1 : 1
}

/** What a caller sees of a port that is away. */
function failureOf({ info }: PendingCall, how: Verdict['how']): Outcome {
  const { port, action } = info
  if (port === 'protection') return { ok: true, value: { kind: 'unreachable', reason: 'away' } }
  if (port === 'model') {
    const kind = action === 'ask' && how === 'fail' ? 'refused' : 'unreachable'
    return { ok: true, value: { kind, message: 'away' } }
  }
  return { ok: false, error: new PortUnavailable(port, action, new Error('away')) }
}
