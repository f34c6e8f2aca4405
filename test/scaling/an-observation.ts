import type { FleetFacts, Observation, WorkerFacts } from '../../lib/scaling/observation.ts'
import type { ScalingPolicy } from '../../lib/scaling/scaling-policy.ts'
import { NOON_MS } from '../support/a-job.ts'

/** The defaults of PAI-EAS, from zero. */
export function aPolicy(overrides: Partial<ScalingPolicy> = {}): ScalingPolicy {
  return {
    min: 0,
    max: 10,
    strategies: { avg_waiting_length: 2 },
    scaleUpStabilizationSeconds: 0,
    scaleDownStabilizationSeconds: 1,
    zeroGraceSeconds: 60,
    activationWorkers: 1,
    occupiedAfterSeconds: 30,
    ...overrides,
  }
}

/** An idle worker of version v1 with one command slot and five query slots. */
export function aWorker(workerId: string, overrides: Partial<WorkerFacts> = {}): WorkerFacts {
  return {
    workerId,
    taskId: `task-${workerId}`,
    version: 'v1',
    state: 'idle',
    beat: 1,
    free: { command: 1, query: 5 },
    jobs: [],
    ...overrides,
  }
}

/** A worker that runs a command for so long. */
export function aBusyWorker(workerId: string, ageSeconds: number, nowMs = NOON_MS): WorkerFacts {
  return aWorker(workerId, {
    state: 'busy',
    free: { command: 0, query: 0 },
    jobs: [
      { jobId: `job-${workerId}`, taskType: 'command', startedAtMs: nowMs - ageSeconds * 1000 },
    ],
    protectedUntilMs: nowMs + 3_600_000,
  })
}

export function aDraining(workerId: string, overrides: Partial<WorkerFacts> = {}): WorkerFacts {
  const drain = { reason: 'surplus', expiresAtMs: NOON_MS + 100_000 } as const
  return aWorker(workerId, { state: 'draining', drain, ...overrides })
}

export interface Scene {
  readonly waiting?: { readonly command?: number; readonly query?: number }
  readonly workers?: readonly WorkerFacts[]
  /** Workers of side b; all others are on a. */
  readonly onB?: readonly string[]
  /** Tasks of side a without a row. */
  readonly unreported?: number
  readonly desired?: { readonly a?: number; readonly b?: number }
  readonly versions?: { readonly a?: string; readonly b?: string }
  readonly latest?: string
  readonly atMs?: number
  readonly unseen?: readonly ('depth' | 'waiting' | 'workers' | 'fleet')[]
}

/** An observation in which everything was seen, unless the scene says otherwise. */
export function anObservation(scene: Scene = {}): Observation {
  const { waiting = {}, workers = [], unseen = [], atMs = NOON_MS } = scene
  const counts = { command: waiting.command ?? 0, query: waiting.query ?? 0 }
  const part = <T>(name: (typeof unseen)[number], value: T) =>
    unseen.includes(name)
      ? ({ seen: false, why: 'broken' } as const)
      : ({ seen: true, value } as const)
  return {
    atMs,
    service: {
      slots: { command: 1, query: 5 },
      queriesBesideCommand: false,
      lookSeconds: 10,
      beatSeconds: 10,
    },
    depth: part('depth', counts),
    waiting: part('waiting', { counts, isComplete: true, oldestQueuedAtMs: {} }),
    workers: part('workers', workers),
    fleet: part('fleet', toFleet(scene)),
    runSeconds: {},
  }
}

function toFleet(scene: Scene): FleetFacts {
  const { workers = [], onB = [], unreported = 0, desired = {}, latest = 'v1' } = scene
  const versions = scene.versions ?? { a: 'v1' }
  const ofA = workers.filter((worker) => !onB.includes(worker.workerId)).length + unreported
  const fresh = Array.from({ length: unreported }, (_, index) => `task-new-${index}`)
  return {
    sides: {
      a: { ...(versions.a && { version: versions.a }), desired: desired.a ?? ofA },
      b: { ...(versions.b && { version: versions.b }), desired: desired.b ?? onB.length },
    },
    tasks: [
      ...workers.map(({ workerId, taskId }) => ({
        taskId,
        side: onB.includes(workerId) ? ('b' as const) : ('a' as const),
        state: 'running' as const,
      })),
      ...fresh.map((taskId) => ({ taskId, side: 'a' as const, state: 'pending' as const })),
    ],
    latestVersion: latest,
  }
}
