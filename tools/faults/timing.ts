/** The clockwork of the service under test, as in `scalable_job.timing`. */
export interface CampaignTiming {
  readonly beat_seconds: number
  readonly lease_seconds: { readonly command: number; readonly query: number }
  readonly look_seconds: number
  readonly protection_hold_seconds: number
  readonly stop_seconds: number
}

/**
 * The long form runs at the service's own defaults but for two: commands have a lease of 60 s
 * instead of 300, so that hung workers fit into the run, and a stopping worker lets its jobs run for
 * 5 s instead of 30, so that most of them really are given back. The short form is quick throughout.
 */
export const TIMING: Readonly<Record<'short' | 'long', CampaignTiming>> = {
  long: {
    beat_seconds: 10,
    lease_seconds: { command: 60, query: 30 },
    look_seconds: 10,
    protection_hold_seconds: 5,
    stop_seconds: 5,
  },
  short: {
    beat_seconds: 1,
    lease_seconds: { command: 8, query: 6 },
    look_seconds: 2,
    protection_hold_seconds: 1,
    stop_seconds: 3,
  },
}
