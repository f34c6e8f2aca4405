/**
 * @typedef {object} Decision
 * @property {number} atMs
 * @property {number} [lastSeenAtMs] last of the looks in a row that came to the same answer
 * @property {number} wanted
 * @property {string} reason
 * @property {{ waiting?: Record<string, number>, oldestWaitingSeconds?: number }} inputs
 */

/**
 * The scaler's last decisions, oldest first.
 *
 * @param {{ decisions?: readonly Decision[] }} service
 */
export function readDecisions({ decisions = [] }) {
  return decisions.toSorted((one, other) => one.atMs - other.atMs)
}

/**
 * Jobs that waited, as the decision saw them; undefined where it could not see.
 *
 * @param {Decision} decision
 */
export function countWaiting({ inputs: { waiting } }) {
  return waiting && Object.values(waiting).reduce((sum, count) => sum + count, 0)
}
