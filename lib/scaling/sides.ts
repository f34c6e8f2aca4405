/** The two halves of the fleet, so that a new worker version starts on one while the other drains. */
export const SIDES = ['a', 'b'] as const
export type Side = (typeof SIDES)[number]

export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a'
}
