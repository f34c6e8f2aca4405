import type { ScalerKick } from '../../lib/ports/scaler-kick.ts'

const KICK_TIMEOUT_MS = 2000

/** Kicks the scaler over HTTP (one machine: the supervisor). A lost kick costs one look period. */
export function makeHttpKick(supervisorUri: string): ScalerKick {
  return {
    async kick() {
      try {
        const signal = AbortSignal.timeout(KICK_TIMEOUT_MS)
        const response = await fetch(`${supervisorUri}/kick`, { method: 'POST', signal })
        await response.body?.cancel()
      } catch {
        // The scaler looks by itself within its period.
      }
    },
  }
}

/** Where no scaler can be kicked from here (ECS: the reaper of the next look finds the job). */
export const noKick: ScalerKick = { kick: () => Promise.resolve() }
