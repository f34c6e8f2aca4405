import type { ServiceJson } from './schema/service-schema.ts'
import type { Timing } from './service.ts'

/** PAI-EAS: `eas.termination_grace_period` is 30 s unless set. */
const STOP_SECONDS = 30

/** `scalable_job.timing`, with the grace period of PAI-EAS as the stop time where it sets none. */
export function compileTiming({ metadata, scalable_job: { timing } }: ServiceJson): Timing {
  return {
    beatSeconds: timing.beat_seconds,
    leaseSeconds: { command: timing.lease_seconds.command, query: timing.lease_seconds.query },
    lookSeconds: timing.look_seconds,
    kickOnSubmit: timing.kick_on_submit,
    protectionMinutes: timing.protection_minutes,
    protectionHoldSeconds: timing.protection_hold_seconds,
    stopSeconds: timing.stop_seconds ?? metadata.eas.termination_grace_period ?? STOP_SECONDS,
  }
}
