/** @typedef {NonNullable<import('../../../api/contract/service-view.ts').ServiceView['decisions']>[number]} Decision */

/**
 * Jobs that waited, as the decision saw them; undefined where it could not see.
 *
 * @param {Decision} decision
 */
export function countWaiting({ inputs: { waiting } }) {
  return waiting && Object.values(waiting).reduce((sum, count) => sum + count, 0)
}
