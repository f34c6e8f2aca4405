import { TASK_TYPES, type TaskType } from '../job/job.ts'
import { perTaskType } from '../job/task-types.ts'
import { classifyWorkers, type Roster, type Worker } from './classify-workers.ts'
import { decideUnseen } from './decide-unseen.ts'
import type { Decision, DecisionInputs, DecisionRecord, DecisionWithMemory } from './decision.ts'
import { chooseSides, floorOf, noteVersions } from './plan-versions.ts'
import { type RosterAndHung, setHungAside, toStopOrder } from './hung-workers.ts'
import { missedLooks, type ScalerMemory } from './memory.ts'
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
import { planSides, sidesAfter } from './plan-scale-in.ts'
import type { ScalingPolicy } from './scaling-policy.ts'
import { settleWanted, type WantedWorkers } from './settle-wanted.ts'
import { otherSide, type Side } from './sides.ts'
import { askStrategies, largestOf, type PerStrategy } from './strategies/strategies.ts'

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
): DecisionWithMemory {
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

/**
 * Makes a recorded decision again, from its inputs: the same answer, in a debugger or with a changed
 * strategy. `undefined` where the record was too large to keep its inputs.
 */
export function replay({ replay: inputs }: DecisionRecord): Decision | undefined {
  if (inputs === undefined) return undefined
  const { observation, memory, policy, nowMs } = inputs
  return decide(observation, memory, policy, nowMs).decision
}

/** A look that saw workers, fleet and waiting jobs. */
interface Sight {
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

function decideSeen(sight: Sight): DecisionWithMemory {
  const { observation, memory, policy, nowMs, fleet } = sight
  const choice = chooseSides(fleet, memory.liveSide)
  const mayNotLower = whyNotLower(observation, nowMs)
  const listed = rosterOf(sight, otherSide(choice.live))
  const { roster, hung } = mayNotLower
    ? { roster: listed, hung: [] }
    : setHungAside(listed, observation, nowMs)
  const { workers } = roster
  const asked = ask(sight, roster, policy)
  const target = settleWanted({
    asked,
    askedIfLong: largestOf(ask(sight, roster, { ...policy, occupiedAfterSeconds: 0 })).count,
    waiting: sight.served.command + sight.served.query,
    floor: floorOf(workers),
    runs: workers.some(({ facts }) => facts.jobs.length > 0),
    desired: fleet.sides.a.desired + fleet.sides.b.desired,
    ...(mayNotLower && { mayNotLower }),
    memory,
    policy,
    nowMs,
  })
  const { max } = policy
  const plans = planSides({ fleet, choice, roster, target, max, mayLower: !mayNotLower, nowMs })
  return {
    decision: {
      atMs: nowMs,
      wanted: target.wanted,
      reason: reasonOf(sight, target, hung),
      desired: { a: plans.a.desired, b: plans.b.desired },
      ...(choice.place && { place: choice.place }),
      drains: [...plans.a.drains, ...plans.b.drains],
      ...(hung.length > 0 && { stops: hung.map(toStopOrder) }),
      versions: noteVersions(fleet, choice, workers),
      inputs: inputsOf(sight, { roster, hung, asked }),
    },
    memory: {
      ...target.memory,
      lookedAtMs: nowMs,
      runSeconds: memory.runSeconds,
      beats: rememberBeats(sight),
      liveSide: choice.live,
      sides: sidesAfter(fleet, choice, plans),
    },
  }
}

/** The count is as before, but a worker is replaced: that is the news. */
function reasonOf(
  { memory }: Sight,
  { wanted, reason }: WantedWorkers,
  hung: readonly Worker[],
): Decision['reason'] {
  return hung.length > 0 && wanted === memory.wanted ? 'replacing-silent' : reason
}

function rosterOf({ observation, facts, fleet, memory, policy, nowMs }: Sight, oldSide: Side) {
  const { service } = observation
  const { occupiedAfterSeconds } = policy
  return classifyWorkers({
    workers: facts,
    fleet,
    service,
    memory,
    occupiedAfterSeconds,
    oldSide,
    nowMs,
  })
}

function ask(sight: Sight, { workers }: Roster, policy: ScalingPolicy): PerStrategy {
  const { served: waiting, observation, memory } = sight
  const { occupiedAfterSeconds, strategies } = policy
  const input = {
    waiting,
    waitedSeconds: perTaskType((taskType) => waitedSeconds(taskType, sight)),
    workers,
    service: observation.service,
    occupiedAfterSeconds,
    runSeconds: memory.runSeconds,
  }
  return askStrategies(input, strategies)
}

/** 0 where nothing of the type waits, or the rows were not seen. */
function waitedSeconds(type: TaskType, { observation, nowMs }: Sight): number {
  const rows = observation.waiting
  const sinceMs = rows.seen ? (rows.value.oldestQueuedAtMs[type] ?? nowMs) : nowMs
  return Math.max(nowMs - sinceMs, 0) / 1000
}

function whyNotLower(observation: Observation, nowMs: number) {
  if (listUnseen(observation).length > 0) return 'not-observed'
  const ageMs = nowMs - observation.atMs
  return ageMs > STALE_AFTER_MS || ageMs < 0 ? 'stale-observation' : undefined
}

function inputsOf(
  sight: Sight,
  { roster, hung, asked }: RosterAndHung & { readonly asked: PerStrategy },
): DecisionInputs {
  const { workers, unreported } = roster
  const oldest = Math.max(...TASK_TYPES.map((taskType) => waitedSeconds(taskType, sight)))
  return {
    waiting: sight.waiting,
    oldestWaitingSeconds: Math.round(oldest),
    workers: countKinds([...workers, ...hung]),
    unreported: unreported.a + unreported.b,
    floor: floorOf(workers),
    asked,
    unseen: listUnseen(sight.observation),
  }
}

function countKinds(workers: readonly Worker[]): DecisionInputs['workers'] {
  const counts: Record<string, number> = {}
  for (const { kind } of workers) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function rememberBeats({ facts, memory, nowMs, observation }: Sight): ScalerMemory['beats'] {
  const isAnew = missedLooks(memory.lookedAtMs, nowMs, observation.service.lookSeconds)
  return Object.fromEntries(
    facts.map(({ workerId, beat }) => {
      const before = isAnew ? undefined : memory.beats[workerId]
      return [workerId, before?.[0] === beat ? before : [beat, nowMs]]
    }),
  )
}
