/** What the scaler's Lambda function gets from whoever kicks it; every other event is the clock's. */
export const KICK_EVENT = { kind: 'kick' } as const

export function isKickEvent(event: unknown): boolean {
  const { kind } = (event ?? {}) as { readonly kind?: unknown }
  return kind === KICK_EVENT.kind
}
