/**
 * The one place from which this product sends a signal to a process that is not a direct child of
 * the sender. A signal reaches the target only where this check, the last before it, holds.
 */
import type { GroupProof } from './group-proof.ts'
import { isRunning, type ProcessIdentity, type ProcessRow, readProcess } from './read-process.ts'

/**
 * Sends a signal to a process, or to nobody: it must be proven to belong to the group, must still
 * be the process that was proven, and can be neither the first process of the machine, nor this one,
 * nor one that this one descends from.
 *
 * @returns whether the signal was sent
 */
export function sendSignal(
  target: ProcessIdentity,
  signal: NodeJS.Signals,
  proof: Pick<GroupProof, 'isProven'>,
): boolean {
  if (!isProcess(target.pid) || findUntouchable().has(target.pid)) return false
  if (!proof.isProven(target) || !isRunning(target)) return false
  return kill(target.pid, signal)
}

/**
 * Sends a signal to a whole process group in one step, so that a child born meanwhile gets it too.
 * All that `sendSignal` asks must hold for each process of the group.
 *
 * @param group all processes that the table showed in one process group
 * @returns whether the signal was sent
 */
export function sendToGroup(
  group: readonly ProcessRow[],
  signal: NodeJS.Signals,
  proof: Pick<GroupProof, 'isProven'>,
): boolean {
  const groupPid = group[0]?.groupPid ?? 0
  if (!isProcess(groupPid)) return false
  const untouchable = findUntouchable()
  const areMembers = group.every((row) => {
    return row.groupPid === groupPid && proof.isProven(row) && !untouchable.has(row.pid)
  })
  // The number stays the group's as long as one of them is still in it.
  const isThere = group.some((row) => {
    const now = readProcess(row.pid)
    return now?.start === row.start && now.groupPid === groupPid
  })
  return areMembers && isThere && kill(-groupPid, signal)
}

/** To the system, 0, 1 and numbers below mean this group, the first process, or every process. */
function isProcess(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1
}

/** This process and all that it descends from. */
function findUntouchable(): ReadonlySet<number> {
  const found = new Set([process.pid])
  for (let above = process.ppid; above > 0 && !found.has(above);) {
    found.add(above)
    above = readProcess(above)?.parentPid ?? 0
  }
  return found
}

function kill(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch {
    // It has gone, or has changed its user: the next look tells.
    return false
  }
}
