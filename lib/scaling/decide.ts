import type { TaskType } from '../job/job.ts'
import { classifyWorkers, type Roster, type Worker } from './classify-workers.ts'
import { decideUnseen } from './decide-unseen.ts'
import type { Decided, Decision, DecisionInputs } from './decision.ts'
import { splitAbandoned, toStopOrder } from './find-abandoned.ts'
import { floorOf } from './floor.ts'
import type { ScalerMemory } from './memory.ts'
import {
  countWaiting,
  type FleetFacts,
  listUnseen,
  type Observation,
  onlyServed,
  type PerTaskType,
  STALE_AFTER_MS,
  type WorkerFacts,
} from './observation.ts'
import { planScaleIn, type SidePlan } from './plan-scale-in.ts'
import { chooseSides, findHoldingJob, type SideChoice, splitWanted } from './plan-versions.ts'
import type { ScalingPolicy } from './scaling-policy.ts'
import { type Settled, settleWanted } from './settle-wanted.ts'
import { otherSide, type Side } from './sides.ts'
import { askStrategies, largestOf, type PerStrategy } from './strategies/strategies.ts'
import { wasAway } from './was-away.ts'

/**
 * How many workers, of which version, and which of them should go. Pure: the same arguments give
 * the same answer, and nothing is read or changed.
 *
 * @param memory what the last look returned; `EMPTY_MEMORY` at first
 * @param nowMs milliseconds since 1970
 */
export function decide(
  observation: Observation,
  memory: ScalerMemory,
  policy: ScalingPolicy,
  nowMs: number,
): Decided {
  const { fleet, workers } = observation
  const waiting = countWaiting(observation)
  const known = { ...memory, runSeconds: { ...memory.runSeconds, ...observation.runSeconds } }
  if (!fleet.seen || !workers.seen || waiting === undefined) {
    return decideUnseen({ observation, memory: known, policy, nowMs, waiting })
  }
  return decideSeen({
    observation,
    memory: known,
    policy,
    nowMs,
    waiting,
    served: onlyServed(waiting, observation.service),
    fleet: fleet.value,
    facts: workers.value,
  })
}

interface Seen {
  readonly observation: Observation
  readonly memory: ScalerMemory
  readonly policy: ScalingPolicy
  readonly nowMs: number
  readonly waiting: PerTaskType<number>
  /** Of those, the ones that a worker could take. */
  readonly served: PerTaskType<number>
  readonly fleet: FleetFacts
  readonly facts: readonly WorkerFacts[]
}

function decideSeen(seen: Seen): Decided {
  const { observation, memory, policy, nowMs, fleet } = seen
  const choice = chooseSides(fleet, memory.liveSide)
  const mayNotLower = whyNotLower(observation, nowMs)
  const listed = rosterOf(seen, otherSide(choice.live))
  const { roster, abandoned } = mayNotLower
    ? { roster: listed, abandoned: [] }
    : splitAbandoned(listed, observation, nowMs)
  const asked = ask(seen, roster, policy)
  const waitingTotal = seen.served.command + seen.served.query
  const settled = settleWanted({
    asked,
    askedIfLong: largestOf(ask(seen, roster, { ...policy, occupiedAfterSeconds: 0 })).count,
    waiting: waitingTotal,
    floor: floorOf(roster.workers),
    isActive: waitingTotal > 0 || roster.workers.some(({ facts }) => facts.jobs.length > 0),
    desired: fleet.sides.a.desired + fleet.sides.b.desired,
    ...(mayNotLower && { mayNotLower }),
    memory,
    policy,
    nowMs,
  })
  const isGrace = settled.reason === 'zero-grace'
  const { wanted } = settled
  const plans = planSides(seen, { choice, roster, wanted, isGrace, mayLower: !mayNotLower })
  return {
    decision: {
      atMs: nowMs,
      wanted,
      reason: reasonOf(seen, settled, abandoned),
      desired: { a: plans.a.desired, b: plans.b.desired },
      ...(choice.place && { place: choice.place }),
      drains: [...plans.a.drains, ...plans.b.drains],
      ...(abandoned.length > 0 && { stops: abandoned.map(toStopOrder) }),
      versions: noteVersions(seen, choice, roster),
      inputs: inputsOf(seen, { roster, abandoned, asked }),
    },
    memory: {
      ...settled.memory,
      lookedAtMs: nowMs,
      runSeconds: memory.runSeconds,
      beats: rememberBeats(seen),
      liveSide: choice.live,
      sides: sidesAfter(fleet, choice, plans),
    },
  }
}

/** As many as before, but not the same ones: that is what people want to know then. */
function reasonOf(
  { memory }: Seen,
  { wanted, reason }: Settled,
  abandoned: readonly Worker[],
): Decision['reason'] {
  return abandoned.length > 0 && wanted === memory.wanted ? 'replacing-silent' : reason
}

function rosterOf({ observation, facts, fleet, ...rest }: Seen, oldSide: Side): Roster {
  return classifyWorkers({
    workers: facts,
    fleet,
    service: observation.service,
    memory: rest.memory,
    occupiedAfterSeconds: rest.policy.occupiedAfterSeconds,
    oldSide,
    nowMs: rest.nowMs,
  })
}

function ask(seen: Seen, roster: Roster, policy: ScalingPolicy): PerStrategy {
  const { served: waiting, observation, memory } = seen
  const waitedSeconds = { command: waitedFor('command', seen), query: waitedFor('query', seen) }
  const { service } = observation
  const { occupiedAfterSeconds, strategies } = policy
  const { runSeconds } = memory
  const { workers } = roster
  const input = { waiting, waitedSeconds, workers, service, occupiedAfterSeconds, runSeconds }
  return askStrategies(input, strategies)
}

/** 0 where nothing of the type waits, or the rows were not seen. */
function waitedFor(type: TaskType, { observation, nowMs }: Seen): number {
  const rows = observation.waiting
  const sinceMs = rows.seen ? (rows.value.oldestQueuedAtMs[type] ?? nowMs) : nowMs
  return Math.max(nowMs - sinceMs, 0) / 1000
}

function whyNotLower(observation: Observation, nowMs: number) {
  if (listUnseen(observation).length > 0) return 'not-observed'
  const ageMs = nowMs - observation.atMs
  return ageMs > STALE_AFTER_MS || ageMs < 0 ? 'stale-observation' : undefined
}

interface SidesInput {
  readonly choice: SideChoice
  readonly roster: Roster
  readonly wanted: number
  readonly isGrace: boolean
  readonly mayLower: boolean
}

function planSides({ fleet, policy, nowMs }: Seen, input: SidesInput): Record<Side, SidePlan> {
  const { choice, roster, wanted, isGrace, mayLower } = input
  const { live } = choice
  const targets = splitWanted({ wanted, live, fleet, roster, max: policy.max, isGrace })
  const planFor = (side: Side) =>
    planScaleIn({
      workers: roster.workers.filter((worker) => worker.side === side),
      unreported: roster.unreported[side],
      desired: fleet.sides[side].desired,
      target: targets[side],
      reason: side === live ? 'surplus' : 'old-version',
      mayLower,
      nowMs,
    })
  return { a: planFor('a'), b: planFor('b') }
}

function noteVersions({ fleet }: Seen, choice: SideChoice, roster: Roster): Decision['versions'] {
  const old = otherSide(choice.live)
  const isOldInUse = fleet.sides[old].desired > 0 || fleet.tasks.some((task) => task.side === old)
  const draining = isOldInUse ? fleet.sides[old].version : undefined
  const heldByJobId = findHoldingJob(roster.workers, old)
  return {
    live: choice.live,
    ...(draining !== undefined && { draining }),
    ...(choice.waits && { waiting: { ...choice.waits, ...(heldByJobId && { heldByJobId }) } }),
  }
}

interface InputsNoted {
  readonly roster: Roster
  readonly abandoned: readonly Worker[]
  readonly asked: PerStrategy
}

function inputsOf(seen: Seen, { roster, abandoned, asked }: InputsNoted): DecisionInputs {
  const workers: Record<string, number> = {}
  for (const { kind } of [...roster.workers, ...abandoned]) workers[kind] = (workers[kind] ?? 0) + 1
  return {
    waiting: seen.waiting,
    oldestWaitingSeconds: Math.round(
      Math.max(waitedFor('command', seen), waitedFor('query', seen)),
    ),
    workers,
    unreported: roster.unreported.a + roster.unreported.b,
    floor: floorOf(roster.workers),
    asked,
    unseen: listUnseen(seen.observation),
  }
}

function rememberBeats({ facts, memory, nowMs, observation }: Seen): ScalerMemory['beats'] {
  const isAnew = wasAway(memory.lookedAtMs, nowMs, observation.service.lookSeconds)
  return Object.fromEntries(
    facts.map(({ workerId, beat }) => {
      const seen = isAnew ? undefined : memory.beats[workerId]
      return [workerId, seen?.[0] === beat ? seen : [beat, nowMs]]
    }),
  )
}

function sidesAfter(fleet: FleetFacts, { place }: SideChoice, plans: Record<Side, SidePlan>) {
  const after = (side: Side) => ({
    ...fleet.sides[side],
    ...(place?.side === side && { version: place.version }),
    desired: plans[side].desired,
  })
  return { a: after('a'), b: after('b') }
}
