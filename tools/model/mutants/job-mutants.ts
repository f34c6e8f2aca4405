import type { Mutant } from './mutant.ts'

const CANCEL = 'a job that is canceled'
const ONE = 'one worker, one job'
const TWO = 'two workers, two jobs'

/** Faults in the transitions of a job, and in the steps that API, worker and reaper share. */
export const JOB_MUTANTS: readonly Mutant[] = [
  {
    name: 'the fence on (attempt, worker) is skipped',
    patches: [
      {
        file: 'lib/job/life/attempt.ts',
        find: "job.status === 'running' &&\n    job.attempt === holder.attempt &&\n    job.lease?.workerId === holder.workerId",
        replace: 'holder.attempt > 0',
      },
    ],
    scenario: 'two workers, one job',
    schedule: [{ at: 'w1 table.write job#j1 #2', do: 'freeze 45' }],
    kills: 'fenced-writes',
  },
  {
    name: 'a change is written whatever stands in the row',
    patches: [
      {
        file: 'lib/job/store/change-job.ts',
        find: 'putJob(change.job, { rev: current.rev })',
        replace: "putJob(change.job, 'any')",
      },
    ],
    scenario: CANCEL,
    schedule: [{ at: 'w1 table.write job#j1 #4', do: 'hang 45' }],
    kills: 'ends-are-final',
  },
  {
    name: 'a claim does not look at which attempt its message announced',
    patches: [
      {
        file: 'lib/job/life/attempt.ts',
        find: "if (by.attempt !== job.attempt + 1) return { ok: false, why: 'other-attempt' }",
        replace: '',
      },
    ],
    scenario: TWO,
    schedule: [{ at: 'w2 queues.receive command #1', do: 'twice' }],
    kills: 'steps-are-allowed',
  },
  {
    name: 'the end counts as told before it was sent',
    patches: [
      {
        file: 'lib/job/store/send-end.ts',
        find: "await queues.send('output', [{ body: JSON.stringify(message) }])\n  await changeJob(table, { id: target.id, known: reserved.stored }, confirmEnd)",
        replace:
          "await changeJob(table, { id: target.id, known: reserved.stored }, confirmEnd)\n  await queues.send('output', [{ body: JSON.stringify(message) }])",
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 queues.send output #2', do: 'crash before' }],
    kills: 'none-is-forgotten',
  },
  {
    name: 'a send that fails counts as sent',
    patches: [
      {
        file: 'lib/job/store/send-end.ts',
        find: "await queues.send('output', [{ body: JSON.stringify(message) }])",
        replace:
          "await queues.send('output', [{ body: JSON.stringify(message) }]).catch(() => undefined)",
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 queues.send output #2', do: 'fail' }],
    kills: 'none-is-forgotten',
  },
  {
    name: 'the end is told as soon as it is asked for, whether or not it stands',
    patches: [
      {
        file: 'worker/run/finish-job.ts',
        find: '  const written = await retryWhileHeld(attempt, () =>',
        replace:
          "  await deps.queues.send('output', [{ body: JSON.stringify({ id: `${job.id}:${job.attempt}:end`, kind: 'end', jobId: job.id, status: 'succeeded', reason: 'completed' }) }])\n  const written = await retryWhileHeld(attempt, () =>",
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'ends-are-told',
  },
  {
    name: 'a lost job that was to be canceled goes back to the queue',
    patches: [
      {
        file: 'lib/job/life/attempt-end.ts',
        find: 'if (job.cancel !== undefined) {',
        replace: 'if (job.cancel !== undefined && nowMs < 0) {',
      },
    ],
    scenario: CANCEL,
    schedule: [
      { at: 'w1 queues.delete command #1', do: 'start cancel j1' },
      { at: 'w1~beats table.write job#j1 #1', do: 'crash before' },
    ],
    kills: 'cancels-are-true',
  },
  {
    name: 'a failed job that was to be canceled is retried',
    patches: [
      {
        file: 'lib/job/life/attempt-end.ts',
        find: 'outcome.retryable && job.cancel === undefined',
        replace: 'outcome.retryable',
      },
    ],
    scenario: 'a job that fails, is retried and canceled',
    schedule: [{ at: 'w1 table.write job#j1 #2', do: 'start cancel j1' }],
    kills: 'cancels-are-true',
  },
  {
    name: 'a cancel ends a running job at once',
    patches: [
      {
        file: 'lib/job/life/ending.ts',
        find: "if (job.status === 'running') return { ok: true, job: requested }",
        replace: '',
      },
    ],
    scenario: CANCEL,
    schedule: [{ at: 'w1 table.write workers/w1 #5', do: 'start cancel j1' }],
    kills: 'one-run-at-a-time',
  },
  {
    name: 'a loss is not counted',
    patches: [
      {
        file: 'lib/job/life/attempt-end.ts',
        find: 'job.lossesUsed + (isFree ? 0 : 1)',
        replace: 'job.lossesUsed',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 queues.delete command #1', do: 'crash after' }],
    kills: 'budgets-are-counted',
  },
  {
    name: 'the time to live in the queue goes on after the first attempt',
    patches: [
      {
        file: 'lib/job/life/ending.ts',
        find: 'job.attempt > 0 || ',
        replace: '',
      },
    ],
    scenario: 'one worker, two jobs, no key',
    schedule: [{ at: 'w1 table.write job#j2 #2', do: 'hang 45' }],
    kills: 'budgets-are-counted',
  },
  {
    name: 'the idempotency key is not kept with the job',
    patches: [
      {
        file: 'lib/job/store/create-job.ts',
        find: '  if (idempotency !== undefined) {\n    writes.push({',
        replace: '  if (idempotency === null) {\n    writes.push({',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'submit j1 try1 table.write job#j1 #1', do: 'crash after' }],
    kills: 'submits-are-kept',
  },
  {
    name: 'all attempts share one folder',
    patches: [
      {
        file: 'lib/job/keys.ts',
        find: 'return `${jobPrefix(jobId)}${attempt}/`',
        replace: 'return `${jobPrefix(jobId)}1/`',
      },
    ],
    scenario: TWO,
    schedule: [],
    kills: 'files-stay-put',
  },
  {
    name: 'a checkpoint is recorded without asking who holds the job',
    patches: [
      {
        file: 'lib/job/life/attempt.ts',
        find: "if (!holdsLease(job, holder)) return { ok: false, why: 'not-holder' }",
        replace: '',
      },
    ],
    scenario: 'a job with checkpoints',
    schedule: [{ at: 'w1 files.put jobs/j1/1/checkpoints/1/manifest.json #1', do: 'freeze 45' }],
    kills: 'fenced-writes',
  },
]
