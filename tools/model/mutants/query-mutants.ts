import type { Mutant } from './mutant.ts'

const RUNNER = 'worker/query/query.ts'

/** Faults in how queries are run. */
export const QUERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'the lease is not asked before a query starts',
    patches: [
      {
        file: RUNNER,
        find: '  lookAtLease()\n',
        replace: '',
      },
    ],
    scenario: 'one query',
    schedule: [{ at: 'w1 table.get job#j1/input #1', do: 'freeze 45' }],
    kills: 'asked-by-holders',
  },
  {
    name: 'the lease is not looked at while a query is waited for',
    patches: [
      { file: RUNNER, find: 'setInterval(lookAtLease,', replace: 'setInterval(() => undefined,' },
    ],
    scenario: 'a long query',
    schedule: [1, 2, 3, 4, 5].map((count) => ({
      at: `w1~beats table.write job#j1 #${count}`,
      do: 'late 45',
    })),
    kills: 'asked-by-holders',
  },
  {
    name: 'an answer of any status is a success',
    patches: [
      { file: RUNNER, find: 'statusCode >= 200 && statusCode <= 299', replace: 'statusCode > 0' },
    ],
    scenario: 'a query that is answered with an error',
    schedule: [],
    kills: 'results-are-answers',
  },
  {
    name: 'the answer is not kept before the end is written',
    patches: [
      {
        file: RUNNER,
        find: '  await retryWhileHeld(attempt, () => deps.files.put(',
        replace: '  void retryWhileHeld(attempt, () => deps.files.put(',
      },
    ],
    scenario: 'one query',
    schedule: [{ at: 'w1 files.put jobs/j1/1/result #1', do: 'late 4' }],
    kills: 'results-are-answers',
  },
  {
    name: 'a query that its model server refused costs an attempt',
    patches: [
      {
        file: RUNNER,
        find: "answer.kind === 'refused' && mayRelease(attempt.job)",
        replace: 'false',
      },
    ],
    scenario: 'a long query',
    schedule: [{ at: 'w1 model.ask job#j1 #1', do: 'fail' }],
    kills: 'refusals-cost-nothing',
  },
]
