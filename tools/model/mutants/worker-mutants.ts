import type { Mutant } from './mutant.ts'

const ONE = 'one worker, one job'

/** Faults in the worker. */
export const WORKER_MUTANTS: readonly Mutant[] = [
  {
    name: 'the message is deleted before the claim',
    patches: [
      {
        file: 'worker/loop/take-message.ts',
        find: '    const claimed = await new Claim(worker, taskType, ready).run()',
        replace:
          '    acker.ack(taskType, message.receipt)\n    const claimed = await new Claim(worker, taskType, ready).run()',
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'no-message-deleted-early',
  },
  {
    name: 'the message is deleted although the claim was not answered',
    patches: [
      {
        file: 'worker/loop/take-message.ts',
        find: "deps.log.info('message handed back', { jobId: ready.jobId, why: claimed.why })",
        replace: 'acker.ack(taskType, message.receipt)',
      },
    ],
    scenario: ONE,
    schedule: [
      { at: 'w1 table.get job#j1 #1', do: 'fail' },
      { at: 'w1 table.get job#j1 #2', do: 'fail' },
      { at: 'w1 table.get job#j1 #3', do: 'fail' },
    ],
    kills: 'no-message-deleted-early',
  },
  {
    name: 'a claim of its own that went unanswered counts as refused',
    patches: [
      {
        file: 'worker/loop/claim.ts',
        find: 'mayBeOurs && holdsLease(job, holder)',
        replace: 'false && holdsLease(job, holder)',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 table.write job#j1 #1', do: 'lose' }],
    kills: 'short-absences-cost-nothing',
  },
  {
    name: 'protection is asked for after the claim',
    patches: [
      {
        file: 'worker/loop/take-message.ts',
        find: '    const acquired = await protection.acquire()',
        replace: '    const acquired = { ok: true } as const',
      },
      {
        file: 'worker/loop/take-message.ts',
        find: "if (claimed.kind === 'claimed') return await runJob(worker, claimed)",
        replace:
          "if (claimed.kind === 'claimed') return protection.acquire().then(() => runJob(worker, claimed))",
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'protected-before-claim',
  },
  {
    name: 'protection is asked for only once the job runs',
    patches: [
      {
        file: 'worker/loop/take-message.ts',
        find: '    const acquired = await protection.acquire()',
        replace: '    const acquired = { ok: true } as const\n  void protection.acquire()',
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'protected-before-claim',
  },
  {
    name: 'protection is released while a job still runs',
    patches: [
      {
        file: 'worker/loop/protection-manager.ts',
        find: '    if (taken() > 0) return // taken meanwhile',
        replace: '',
      },
      {
        file: 'worker/loop/protection-manager.ts',
        find: '  get #isWanted(): boolean {\n    if (this.#deps.taken() > 0) return true',
        replace: '  get #isWanted(): boolean {',
      },
    ],
    scenario: 'a long job',
    schedule: [],
    kills: 'protected-before-claim',
  },
  {
    name: 'the row says idle before protection is released',
    patches: [
      {
        file: 'worker/loop/running-worker.ts',
        find: 'this.slots.taken > 0 || this.protection.mayBeHeld',
        replace: 'this.slots.taken > 0',
      },
    ],
    scenario: 'from zero to one and back',
    schedule: [],
    kills: 'row-says-busy',
  },
  {
    name: 'protection is asked for before the row says busy',
    patches: [
      {
        file: 'worker/loop/protection-manager.ts',
        find: '    try {\n      await writeRow()\n    } catch',
        replace: '    try {\n      void writeRow().catch(() => undefined)\n    } catch',
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'row-says-busy',
  },
  {
    name: 'a worker that cannot beat goes on for ever',
    patches: [
      {
        file: 'worker/beats/lease-watch.ts',
        find: 'return this.#sentAtMs + leaseMs - Math.min(leaseMs / 10, MAX_MARGIN_MS)',
        replace: 'return this.#sentAtMs + leaseMs * 1000',
      },
    ],
    scenario: 'a long job',
    schedule: [{ at: 'w1~beats table.write job#j1 #1', do: 'freeze 45' }],
    kills: 'one-run-at-a-time',
  },
  {
    name: 'the beats go on while the main loop hangs',
    patches: [
      {
        file: 'worker/beats/renew-lease.ts',
        find: 'if (deps.mainSilentMs() > maxSilenceMs) {',
        replace: 'if (deps.mainSilentMs() < 0) {',
      },
    ],
    scenario: 'two workers, one job',
    schedule: [{ at: 'w1 queues.delete command #1', do: 'hang 100000' }],
    kills: 'every-job-ends',
  },
  {
    name: 'a job begins although its lease is over',
    patches: [
      {
        file: 'worker/command/command.ts',
        find: "if (lease.isOver) control.stop({ why: 'lost', graceMs: 0 })",
        replace: '',
      },
      {
        file: 'worker/command/command.ts',
        find: '...as, leaseUntilMs: lease.untilMs })',
        replace: '...as, leaseUntilMs: lease.untilMs + 60_000 })',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 table.get job#j1/input #1', do: 'freeze 45' }],
    kills: 'one-run-at-a-time',
  },
  {
    name: 'the outcome of a lost attempt is written all the same',
    patches: [
      {
        file: 'worker/run/finish-job.ts',
        find: 'return reported.ok ? transition(reported.job) : reported',
        replace:
          "return transition(reported.ok ? reported.job : { ...now, status: 'running', lease: { workerId: holder.workerId } as never, attempt: holder.attempt })",
      },
    ],
    scenario: 'two workers, one job',
    schedule: [{ at: 'w1 table.write job#j1 #2', do: 'freeze 45' }],
    kills: 'steps-are-allowed',
  },
  {
    name: 'an end is not told by the worker that wrote it',
    patches: [
      {
        file: 'worker/run/finish-job.ts',
        find: 'await sendNext(deps, stored)',
        replace: "if (stored.job.status === 'queued') await sendNext(deps, stored)",
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'prompt-when-well',
  },
]
