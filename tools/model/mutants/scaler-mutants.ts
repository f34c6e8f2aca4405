import type { Mutant } from './mutant.ts'

const ONE = 'one worker, one job'

/** Faults in the scaler and its reaper. */
export const SCALER_MUTANTS: readonly Mutant[] = [
  {
    name: 'what could not be observed counts as nothing',
    patches: [
      {
        file: 'lib/scaler/look/sense.ts',
        find: 'return { seen: false, why: error instanceof Error ? error.message : String(error) }',
        replace: 'return { seen: true, value: Object.assign([], { jobs: [] }) as never }',
      },
    ],
    scenario: 'two workers are one too many',
    schedule: [{ at: 's1 table.list workers #2', do: 'fail' }],
    kills: 'never-below-busy',
  },
  {
    name: 'busy workers count as surplus',
    patches: [
      {
        file: 'lib/scaling/plan-scale-in.ts',
        find: 'const working = workers.filter((worker) => worker.isWorking)',
        replace: 'const working: Worker[] = []',
      },
      {
        file: 'lib/scaling/plan-scale-in.ts',
        find: 'workers.filter((worker) => !worker.isWorking)',
        replace: '[...workers]',
      },
      {
        file: 'lib/scaling/plan-scale-in.ts',
        find: 'surplus.filter(isRemovable).length',
        replace: 'surplus.length',
      },
      {
        file: 'lib/scaling/plan-versions.ts',
        find: 'asked.filter((worker) => worker.isWorking).length',
        replace: 'asked.length * 0',
      },
    ],
    scenario: 'more workers than the maximum',
    schedule: [],
    kills: 'never-below-busy',
  },
  {
    name: 'an attempt is given up at first sight',
    patches: [
      {
        file: 'lib/scaler/reaper/judge-leases.ts',
        find: 'if (nowMs - now[2] >= lease.leaseSeconds * 1000) silent.push(job)',
        replace: 'if (nowMs - now[2] >= 0) silent.push(job)',
      },
    ],
    scenario: ONE,
    schedule: [],
    kills: 'lost-only-when-silent',
  },
  {
    name: 'an absence of the scaler itself counts as silence',
    patches: [
      {
        file: 'lib/scaler/reaper/judge-leases.ts',
        find: 'const before = isAnew ? undefined : memory.beats[job.id]',
        replace: 'const before = memory.beats[job.id]',
      },
    ],
    scenario: 'jobs at different times',
    schedule: [{ at: 's1 table.get scaler/memory #3', do: 'jump 600' }],
    kills: 'lost-only-when-silent',
  },
  {
    name: 'a verdict does not name the beat that it judged',
    patches: [
      {
        file: 'lib/scaler/reaper/lose-attempts.ts',
        find: 'attempt, beat: lease.beat }',
        replace: 'attempt }',
      },
    ],
    scenario: 'a long job',
    schedule: [
      { at: 'w1~beats table.write job#j1 #1', do: 'freeze 20' },
      { at: 'w1~beats table.write job#j1 #1', do: 'yield' },
      { at: 's1 table.write job#j1 #1', do: 'yield' },
    ],
    kills: 'lost-only-when-silent',
  },
  {
    name: 'the reaper sends no message again',
    patches: [
      {
        file: 'lib/scaler/reaper/resend-ready.ts',
        find: 'else if (await sendReady(deps, stored)) resent += 1',
        replace: 'else await postpone(deps, stored)',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'submit j1 try1 queues.send command #1', do: 'fail' }],
    kills: 'every-job-ends',
  },
  {
    name: 'the reaper tells no end again',
    patches: [
      {
        file: 'lib/scaler/reaper/send-ends.ts',
        find: 'await sendEnd(deps, stored)',
        replace: 'await Promise.resolve(stored)',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 queues.send output #2', do: 'crash before' }],
    kills: 'every-job-ends',
  },
  {
    name: 'a lost attempt is left as it is',
    patches: [
      {
        file: 'lib/scaler/reaper/lose-attempts.ts',
        find: 'isLost = await loseJob(deps, stored, why)',
        replace: 'isLost = await Promise.resolve(why === undefined)',
      },
    ],
    scenario: ONE,
    schedule: [{ at: 'w1 queues.delete command #1', do: 'crash after' }],
    kills: 'every-job-ends',
  },
  {
    name: 'in a deep queue overtaken jobs are passed over too',
    patches: [
      {
        file: 'lib/scaler/reaper/resend-ready.ts',
        find: 'newest !== undefined && id > newest',
        replace: 'newest !== undefined',
      },
    ],
    scenario: 'a deep queue',
    schedule: [{ at: 'submit j2 try1 queues.send command #1', do: 'drop' }],
    kills: 'passed-over-only-in-line',
  },
]
