import { TASK_TYPES } from '../../job/job.ts'
import { z } from 'zod'
import { seconds, someSeconds, addMistake } from '../../parsing/value-kinds.ts'

/** Largest value of the job's own row beside its payload: DynamoDB takes 400 KB an item. */
const MAX_INLINE_BYTES = 262_144
/** Lambda takes requests of 6 MB, in which a binary body stands as base64. */
const MAX_BODY_BYTES = 6_000_000
/** A lease must outlast two missed beats, or a slow network looks like a dead worker. */
const BEATS_PER_LEASE = 2.5

const queueSeconds = () =>
  seconds().default(0).describe('Longest wait for the first attempt; 0: no limit.')
const RUN = 'Longest run of one attempt; 0: no limit.'
const GRACE = 'Seconds between SIGTERM and SIGKILL.'

const limitsSchema = z.strictObject({
  command: z
    .strictObject({
      run_seconds: seconds().default(0).describe(RUN),
      queue_seconds: queueSeconds(),
      grace_seconds: seconds().default(30).describe(GRACE),
    })
    .prefault({})
    .describe('Limits of command jobs.'),
  query: z
    .strictObject({
      run_seconds: seconds()
        .optional()
        .meta({ description: RUN, 'x-default': 'metadata.rpc.keepalive, or 600' }),
      queue_seconds: queueSeconds(),
      grace_seconds: seconds().default(5).describe(GRACE),
    })
    .prefault({})
    .describe('Limits of query jobs.'),
})

const retrySchema = (backoffSeconds: number) =>
  z
    .strictObject({
      max_retries: z.int().min(0).max(100).optional().meta({
        description: 'Further attempts after the job itself failed.',
        'x-default': '0; queue.max_delivery − 1 where that is set',
      }),
      max_losses: z
        .int()
        .min(0)
        .max(100)
        .default(5)
        .describe('Further attempts after the worker vanished.'),
      backoff_seconds: seconds()
        .default(backoffSeconds)
        .describe('Wait before the first retry; doubles with each further one, up to an hour.'),
    })
    .prefault({})

const intakeSchema = z.strictObject({
  inline_bytes: z
    .int()
    .min(0)
    .max(MAX_INLINE_BYTES)
    .default(65_536)
    .describe('A payload up to this stands in the table, a larger one in the file store.'),
  body_bytes: z
    .int()
    .min(1024)
    .max(MAX_BODY_BYTES)
    .default(4_194_304)
    .describe('Largest body of a submit; larger inputs are uploaded first.'),
  max_waiting_jobs: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .describe('With more waiting jobs a submit is answered with 429.'),
})

const timingSchema = z
  .strictObject({
    beat_seconds: someSeconds().default(10).describe("A worker's proof of life for each job."),
    lease_seconds: z
      .strictObject({
        command: someSeconds().default(300).describe('A command job is lost after this silence.'),
        query: someSeconds().default(30).describe('A query job is lost after this silence.'),
      })
      .prefault({})
      .describe('A worker that stays silent for longer has lost its job.'),
    look_seconds: someSeconds()
      .max(60)
      .default(10)
      .describe('Time between two looks of the scaler.'),
    kick_on_submit: z
      .boolean()
      .default(true)
      .describe('Whether a submit makes the scaler look at once.'),
    protection_minutes: z
      .int()
      .min(1)
      .max(2880)
      .default(60)
      .describe('How long protection is asked for at a time; renewed at a third.'),
    protection_hold_seconds: seconds()
      .default(30)
      .describe('Protection is held this long after the last job.'),
    stop_seconds: seconds().optional().meta({
      description: 'How long a stopping worker lets its jobs run before it hands them back.',
      'x-default': 'metadata.eas.termination_grace_period, or 30',
    }),
  })
  .superRefine(({ beat_seconds: beat, lease_seconds: leases }, context) => {
    for (const taskType of TASK_TYPES) {
      const lease = leases[taskType]
      if (lease >= beat * BEATS_PER_LEASE) continue
      addMistake(context, {
        path: ['lease_seconds', taskType],
        problem: `is too short for beat_seconds ${beat}: two late beats would look like a dead worker`,
        got: lease,
        allowed: `at least ${beat * BEATS_PER_LEASE} (${BEATS_PER_LEASE} × beat_seconds)`,
      })
    }
  })

/** Below what Linux and file systems keep for themselves. */
const MAX_USER = 2_000_000_000

function userNumber(description: string) {
  return z.int().min(1).max(MAX_USER).describe(description)
}

/** `scalable_job`: the one key of PAI-EAS and everything that is ours. */
export const scalableJobSchema = z
  .strictObject({
    enable_write_log_to_queue: z.boolean().optional().meta({
      description: 'Whether log lines go to the output queue as they are written.',
      'x-default': 'true for command jobs, false for query jobs',
    }),
    command_slots: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('Command jobs at a time in a worker.'),
    job_user: z
      .strictObject({
        uid: userNumber(
          'AWS: commands run as the user of this number, each further slot as the next one. The image need not know it, has to run as root, and runs nothing else as it: docs/security.md.',
        ),
        gid: userNumber('The one group of these users.'),
      })
      .optional()
      .describe('Whom commands run as, so that nothing of the worker is within their reach.'),
    queries_beside_command: z
      .boolean()
      .default(false)
      .describe('Whether a worker takes queries while it runs a command.'),
    start_seconds: someSeconds()
      .default(600)
      .describe('Longest start of the model server, and longest run of the init command.'),
    checkpoint_seconds: seconds()
      .default(30)
      .describe('Time between two syncs of the checkpoint folder; 0 turns checkpoints off.'),
    limits: limitsSchema.prefault({}).describe('Used where a job sets none of its own.'),
    retry: z
      .strictObject({
        command: retrySchema(10).describe('Retries of command jobs.'),
        query: retrySchema(1).describe('Retries of query jobs.'),
      })
      .prefault({})
      .describe('Used where a job sets none of its own.'),
    intake: intakeSchema.prefault({}).describe('What a submit may bring.'),
    timing: timingSchema.prefault({}).describe('Beats, leases, looks and protection.'),
  })
  .prefault({})
  .describe('Settings that PAI-EAS does not have, but for enable_write_log_to_queue.')
