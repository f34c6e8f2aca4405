/** How long a call to AWS may take, and how often it is tried. */
export interface CallLimits {
  /** One try, from its start to the head of the answer. */
  readonly tryMs: number
  /** One call of a port with all its tries, pages and pauses. */
  readonly callMs: number
  readonly maxTries: number
}

export type Port =
  | 'table'
  | 'queues'
  | 'files'
  | 'fleet'
  | 'metrics'
  | 'kick'
  | 'secrets'
  | 'credentials'

/**
 * Defaults. Nothing is left to those of the SDK, which has no limit at all for a try that connects
 * and then hears nothing.
 */
export const CALL_LIMITS: Readonly<Record<Port, CallLimits>> = {
  table: { tryMs: 2500, callMs: 8000, maxTries: 4 },
  // A long poll adds its own wait to both.
  queues: { tryMs: 3000, callMs: 9000, maxTries: 4 },
  // A try sends up to one part of a file.
  files: { tryMs: 30_000, callMs: 90_000, maxTries: 4 },
  fleet: { tryMs: 4000, callMs: 9000, maxTries: 3 },
  metrics: { tryMs: 2000, callMs: 5000, maxTries: 2 },
  // A lost kick costs one look period, a second one nothing but time.
  kick: { tryMs: 1000, callMs: 1500, maxTries: 1 },
  // An authorizer has 10 s in all.
  secrets: { tryMs: 2000, callMs: 6000, maxTries: 3 },
  // SDKs give up on credentials after a few seconds.
  credentials: { tryMs: 1500, callMs: 5000, maxTries: 3 },
}
