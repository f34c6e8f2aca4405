import type { Schedule } from './world/schedule.ts'

interface Regression {
  /** What a user can rely on since. */
  readonly name: string
  readonly scenario: string
  readonly schedule: Schedule
}

/** Schedules that broke a promise once. */
export const REGRESSIONS: readonly Regression[] = [
  {
    name: 'a worker that stood still between claim and start does not begin the job any more',
    scenario: 'one worker, one job',
    schedule: [{ at: 'w1 table.get job#j1/input #1', do: 'freeze 45' }],
  },
  {
    name: 'a worker that has let go of a job it was too late for is free to go',
    scenario: 'two workers are one too many',
    schedule: [{ at: 'w1~beats table.write job#j1 #2', do: 'hang 45' }],
  },
]
