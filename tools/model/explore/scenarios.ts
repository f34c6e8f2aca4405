import type { Scenario } from '../world/scenario.ts'

/** The small cases. Leases last 30 s, beats and looks come every 10 s. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'one worker, one job',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 14; artifact out', hasKey: true }],
    faultsUntilSeconds: 30,
  },
  {
    name: 'a job that is canceled',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 14; artifact out', hasKey: true }],
    actors: ['cancel j1'],
    faultsUntilSeconds: 20,
  },
  {
    name: 'two workers, one job',
    workers: 2,
    jobs: [{ name: 'j1', program: 'work 14; artifact out', hasKey: true }],
    faultsUntilSeconds: 20,
  },
  {
    name: 'two workers, two jobs',
    workers: 2,
    jobs: [
      { name: 'j1', program: 'work 6; artifact out', hasKey: true },
      { name: 'j2', program: 'work 3; exit 1', hasKey: true, retry: { maxRetries: 1 } },
    ],
    faultsUntilSeconds: 20,
  },
  {
    name: 'one worker, two jobs, no key',
    workers: 1,
    jobs: [
      { name: 'j1', program: 'work 6; artifact out' },
      { name: 'j2', program: 'work 3', queueSeconds: 20 },
    ],
    faultsUntilSeconds: 20,
  },
  {
    name: 'a job that fails, is retried and canceled',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 3; exit 1', hasKey: true, retry: { maxRetries: 1 } }],
    actors: ['cancel j1', 'retry j1'],
    faultsUntilSeconds: 20,
  },
  {
    name: 'a job that ignores SIGTERM and is canceled',
    workers: 1,
    jobs: [{ name: 'j1', program: 'stubborn; work 20; artifact out', hasKey: true }],
    actors: ['cancel j1'],
    faultsUntilSeconds: 20,
  },
  {
    name: 'a job with checkpoints',
    workers: 2,
    jobs: [
      {
        name: 'j1',
        program: 'work 3; checkpoint state; work 12; artifact out',
        hasKey: true,
        checkpointSeconds: 5,
        retry: { maxLosses: 1 },
      },
    ],
    faultsUntilSeconds: 20,
  },
  {
    name: 'a worker that is told to stop',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 30; artifact out', hasKey: true }],
    actors: ['stop w1', 'cancel j1'],
    faultsUntilSeconds: 20,
  },
  {
    name: 'two scalers',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 14', hasKey: true }],
    actors: ['look'],
    faultsUntilSeconds: 20,
  },
  {
    name: 'from zero to one and back',
    workers: 0,
    scaling: { min: 0, max: 2 },
    jobs: [{ name: 'j1', program: 'work 6', hasKey: true, atSeconds: 3 }],
    lastsSeconds: 120,
    faultsUntilSeconds: 110,
  },
  {
    name: 'two workers are one too many',
    workers: 2,
    scaling: { min: 1, max: 2 },
    jobs: [
      { name: 'j1', program: 'work 40', hasKey: true, atSeconds: 1 },
      { name: 'j2', program: 'work 4', hasKey: true, atSeconds: 46 },
    ],
    lastsSeconds: 60,
    faultsUntilSeconds: 60,
  },
  {
    name: 'jobs at different times',
    workers: 2,
    jobs: [
      { name: 'j1', program: 'work 16', hasKey: true },
      { name: 'j2', program: 'work 3', hasKey: true, atSeconds: 4 },
    ],
    faultsUntilSeconds: 20,
  },
  {
    name: 'more workers than the maximum',
    workers: 2,
    scalingLater: { atSeconds: 5, scaling: { min: 1, max: 1 } },
    jobs: [
      { name: 'j1', program: 'work 14', hasKey: true },
      { name: 'j2', program: 'work 16', hasKey: true },
    ],
    lastsSeconds: 60,
    faultsUntilSeconds: 60,
  },
  {
    name: 'a long job',
    workers: 2,
    jobs: [{ name: 'j1', program: 'work 70; artifact out', hasKey: true }],
    faultsUntilSeconds: 60,
  },
  {
    name: 'clocks that disagree',
    workers: 2,
    jobs: [
      { name: 'j1', program: 'work 6; artifact out', hasKey: true, queueSeconds: 600 },
      { name: 'j2', program: 'work 3; exit 1', hasKey: true, retry: { maxRetries: 1 } },
    ],
    skewSeconds: { w1: 240, w2: -240, s1: 60 },
    faultsUntilSeconds: 20,
  },
  {
    name: 'one query',
    workers: 2,
    hasModel: true,
    jobs: [
      { name: 'j1', program: 'work 2', taskType: 'query', hasKey: true, retry: { maxRetries: 1 } },
    ],
    actors: ['cancel j1'],
    faultsUntilSeconds: 20,
  },
  {
    name: 'a long query',
    workers: 2,
    hasModel: true,
    jobs: [{ name: 'j1', program: 'work 65', taskType: 'query', hasKey: true }],
    faultsUntilSeconds: 40,
  },
  {
    name: 'a query that is answered with an error',
    workers: 1,
    hasModel: true,
    jobs: [
      {
        name: 'j1',
        program: 'work 1; status 500',
        taskType: 'query',
        hasKey: true,
        retry: { maxRetries: 1 },
      },
    ],
    faultsUntilSeconds: 10,
  },
  {
    name: 'a deep queue',
    workers: 1,
    deepQueueMessages: 1,
    // Long enough that the queue is still deep when a message is due again, after ten minutes.
    jobs: ['j1', 'j2', 'j3', 'j4'].map((name) => ({
      name,
      program: 'work 310',
      hasKey: true,
    })),
    onlyAt: /^submit.* queues.send/,
    faultsUntilSeconds: 5,
  },
  {
    name: 'the smallest case: worker and client',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 1', hasKey: true }],
    onlyAt: /^(w1|submit)/,
    faultsUntilSeconds: 1.2,
  },
  {
    name: 'the smallest case: canceled',
    workers: 1,
    jobs: [{ name: 'j1', program: 'work 1', hasKey: true }],
    actors: ['cancel j1'],
    onlyAt: /^(w1|cancel)/,
    faultsUntilSeconds: 1.2,
  },
]

/** @throws Error for a name that is none */
export function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name)
  if (scenario === undefined) throw new Error(`there is no scenario called ${name}`)
  return scenario
}
