import { z } from 'zod'
import type { ServiceView } from '../api/contract/service-view.ts'

/** What is shown of the fleet; whatever else it says is left alone. */
const fleetSchema = z.object({
  sides: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      desired: z.number(),
      running: z.number(),
      pending: z.number(),
    }),
  ),
  tasks: z.array(
    z.object({ taskId: z.string(), state: z.string(), stoppedReason: z.string().optional() }),
  ),
  latestVersion: z.string().optional(),
})

/** What the fleet says of itself; undefined where it could not be observed. */
export function readFleet({ fleet }: ServiceView): z.infer<typeof fleetSchema> | undefined {
  return fleetSchema.safeParse(fleet).data
}
