import { z } from 'zod'
import { TASK_TYPES } from '../../job/job.ts'
import { perTaskType } from '../../job/task-types.ts'
import { SIDES } from '../../scaling/sides.ts'
import type { Deep } from './job-view-schema.ts'
import { WORKER_STATES, type WorkerRow } from '../../scaling/worker-row.ts'

const depthSchema = z.object({ visible: z.int(), inFlight: z.int(), delayed: z.int() })
const slotsSchema = z.object({ total: z.int(), taken: z.int() })

const workerSchema = z
  .object({
    workerId: z.string(),
    taskId: z.string(),
    version: z.string(),
    state: z.enum(WORKER_STATES),
    slots: z.record(z.enum(TASK_TYPES), slotsSchema),
    jobs: z
      .array(
        z.object({
          jobId: z.string(),
          attempt: z.int(),
          taskType: z.enum(TASK_TYPES),
          startedAt: z.string(),
        }),
      )
      .optional()
      .describe('Only for a token that may see the jobs of every tenant.'),
    startedAt: z.string(),
    beatAt: z.string(),
    protectedUntil: z.string().optional(),
    drain: z
      .object({ reason: z.string(), orderedAt: z.string(), expiresAt: z.string() })
      .optional(),
    note: z.string().optional().describe('Why it is not ready, or why protection was refused.'),
  })
  .meta({ id: 'Worker', description: 'A worker, as it last said.' })

const side = z.enum(SIDES)

const fleetSchema = z
  .object({
    sides: z.record(
      side,
      z.object({
        version: z.string().optional().describe('The worker version that its new tasks get.'),
        desired: z.int(),
        running: z.int(),
        pending: z.int(),
      }),
    ),
    tasks: z.array(
      z.object({
        taskId: z.string(),
        side,
        version: z.string(),
        state: z.enum(['pending', 'running', 'stopping', 'stopped']),
        startedAtMs: z.number().optional(),
        stoppedReason: z.string().optional(),
      }),
    ),
    latestVersion: z.string().describe('The version that was deployed last.'),
  })
  .meta({ id: 'Fleet', description: 'What the fleet says of its two sides and its tasks.' })

const decisionSchema = z
  .object({
    atMs: z.number(),
    lastSeenAtMs: z.number().describe('Last of the looks in a row that came to the same answer.'),
    count: z.int().describe('How many looks in a row came to it.'),
    cause: z.enum(['clock', 'kick']),
    wanted: z.int().describe('Workers wanted, both sides together.'),
    reason: z.string().describe('Stable word; docs/reference/reasons.md explains each.'),
    desired: z.partialRecord(side, z.int()),
    place: z.object({ side, version: z.string() }).optional(),
    drains: z.array(z.unknown()).describe('Drain orders that it gave, renewed or withdrew.'),
    stops: z.array(z.unknown()).optional().describe('Silent workers whose task it stopped.'),
    versions: z.object({
      live: side.optional(),
      draining: z.string().optional(),
      waiting: z.object({ version: z.string(), heldByJobId: z.string().optional() }).optional(),
    }),
    inputs: z.object({
      waiting: z
        .record(z.enum(TASK_TYPES), z.int())
        .optional()
        .describe('Waiting jobs; absent where they could not be observed.'),
      oldestWaitingSeconds: z.number().optional(),
      workers: z.record(z.string(), z.int()),
      unreported: z.int(),
      floor: z.int(),
      asked: z.record(z.string(), z.number()),
      unseen: z.array(z.string()),
    }),
    replay: z.unknown().optional().describe('What makes the decision again.'),
  })
  .meta({ id: 'Decision', description: 'A decision of the scaler, and the numbers behind it.' })

/** The answer of `GET /service`. What could not be observed is absent and named. */
export const serviceViewSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    version: z.string().describe('Changes when what a worker runs changes.'),
    apiVersion: z.string(),
    taskTypes: z.array(z.enum(TASK_TYPES)),
    startedAt: z.string().describe('When this process of the API started.'),
    uptimeSeconds: z.number(),
    waiting: z.int().optional().describe('Messages that wait in the input queues: an estimate.'),
    queues: z.record(z.string(), depthSchema).optional(),
    workers: z.array(workerSchema).optional(),
    fleet: fleetSchema.optional(),
    decisions: z
      .array(decisionSchema)
      .optional()
      .describe("The scaler's last decisions, oldest first."),
    scaling: z.unknown().describe('The scaling policy.'),
    slots: z.unknown().describe('Jobs at a time in one worker.'),
    intake: z.object({
      inlineBytes: z.int(),
      bodyBytes: z.int(),
      maxWaitingJobs: z.int(),
    }),
    ignored: z
      .array(z.object({ path: z.string(), why: z.string() }))
      .describe('Keys of service.json that mean nothing here.'),
    notObserved: z
      .array(z.enum(['queues', 'workers', 'fleet', 'decisions']))
      .describe('What could not be read just now; nothing is said about it.'),
  })
  .meta({ id: 'Service', description: 'How the service stands.' })
export type ServiceView = Deep<z.infer<typeof serviceViewSchema>>

export function toWorkerView(
  row: WorkerRow,
  withJobs: boolean,
): Deep<z.infer<typeof workerSchema>> {
  const { workerId, taskId, version, state, startedAt, beatAt } = row
  const { slots, jobs, protectedUntil, drain, note } = row
  return {
    workerId,
    taskId,
    version,
    state,
    startedAt,
    beatAt,
    slots: perTaskType((taskType) => ({ ...slots[taskType] })),
    ...(withJobs && { jobs: [...jobs] }),
    ...(protectedUntil !== undefined && { protectedUntil }),
    ...(drain && { drain: { ...drain } }),
    ...(note !== undefined && { note }),
  }
}
