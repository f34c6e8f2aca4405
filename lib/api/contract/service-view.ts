import { z } from 'zod'
import { TASK_TYPES } from '../../job/job.ts'
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
    fleet: z.unknown().optional().describe('What the fleet says of its sides and tasks.'),
    decisions: z.array(z.unknown()).optional().describe("The scaler's last decisions."),
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
export type ServiceView = z.infer<typeof serviceViewSchema>

export function toWorkerView(row: WorkerRow, withJobs: boolean): z.infer<typeof workerSchema> {
  const { workerId, taskId, version, state, startedAt, beatAt } = row
  const { slots, jobs, protectedUntil, drain, note } = row
  return {
    workerId,
    taskId,
    version,
    state,
    startedAt,
    beatAt,
    slots: { command: { ...slots.command }, query: { ...slots.query } },
    ...(withJobs && { jobs: [...jobs] }),
    ...(protectedUntil !== undefined && { protectedUntil }),
    ...(drain && { drain: { ...drain } }),
    ...(note !== undefined && { note }),
  }
}
