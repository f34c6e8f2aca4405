import type { Fleet } from '../../../ports/fleet.ts'
import type { Log } from '../../../ports/log.ts'
import { AsgSizedFleet } from './asg-sized-fleet.ts'
import type { FleetSettings } from '../aws-settings.ts'

/**
 * For the scaler: the fleet, with its machines sized where the settings name Auto Scaling groups. An
 * observer must use the fleet as it is, since looking at this one also ends idle machines.
 */
export function sizeMachines(fleet: Fleet, settings: FleetSettings, log: Log): Fleet {
  const { machines } = settings
  if (machines === undefined) return fleet
  const monotonicMs = (): number => performance.now()
  return new AsgSizedFleet({ fleet, settings: { ...settings, machines }, monotonicMs, log })
}
