import type { DecisionRecord, DecisionWithMemory } from '../../scaling/decision.ts'
import type { Service } from '../../service/service.ts'
import { addRecord, signatureOf } from '../../scaling/store/decision-history.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import { LOCK_MS, putState, type ScalerState, type StoredState } from '../scaler-state.ts'
import type { Snapshot } from './sense.ts'
import type { ReaperMemory } from '../reaper/reap.ts'

export type LookCause = 'clock' | 'kick'

/** One look, from what it read to what it decided. */
export interface Look {
  readonly deps: ScalerDeps
  readonly cause: LookCause
  readonly service: Service
  readonly stored: StoredState
  readonly snapshot: Snapshot
  readonly decided: DecisionWithMemory
  readonly nowMs: number
}

/**
 * Saves decision and memory and takes the lock, in one write, before anything is done. A look whose
 * write is refused has been overtaken and must do nothing.
 *
 * @returns the revision that the release is fenced on; `undefined` when overtaken
 */
export async function takeLock(look: Look): Promise<number | undefined> {
  const { deps, stored, decided, nowMs } = look
  const isNews = stored.state.last?.signature !== signatureOf(decided.decision)
  const state = nextState(look)
  const lock = { owner: deps.owner, number: state.lockNumber, untilMs: nowMs + LOCK_MS }
  const outcome = await deps.table.write([
    putState({ ...state, lock }, stored.rev),
    ...(isNews ? [await addRecord(deps.table, toRecord(look))] : []),
  ])
  if (!outcome.ok) return undefined
  if (isNews) logDecision(look)
  return outcome.revs[0] ?? (stored.rev ?? 0) + 1
}

/** @throws Error when the lock was taken over: this look lasted longer than a lock may */
export async function releaseLock(look: Look, rev: number, reaper: ReaperMemory): Promise<void> {
  const outcome = await look.deps.table.write([putState({ ...nextState(look), reaper }, rev)])
  if (!outcome.ok) throw new Error('the lock was taken over before this look was done')
}

/** The row as this look leaves it, without a lock. */
function nextState({ stored, decided, nowMs }: Look): ScalerState {
  const { lock: _lock, ...before } = stored.state
  const signature = signatureOf(decided.decision)
  const count = before.last?.signature === signature ? before.last.count + 1 : 1
  return {
    ...before,
    lockNumber: before.lockNumber + 1,
    savedAtMs: nowMs,
    scaling: decided.memory,
    last: { signature, count, lastSeenAtMs: nowMs, inputs: decided.decision.inputs },
  }
}

function toRecord({ cause, service, stored, snapshot, decided, nowMs }: Look): DecisionRecord {
  return {
    ...decided.decision,
    cause,
    count: 1,
    lastSeenAtMs: nowMs,
    replay: {
      observation: snapshot.observation,
      memory: stored.state.scaling,
      policy: service.scaling,
      nowMs,
    },
  }
}

function logDecision({ deps, cause, decided }: Look): void {
  const { wanted, reason, inputs } = decided.decision
  deps.log.info('decided', { cause, wanted, reason, inputs: JSON.stringify(inputs) })
}
