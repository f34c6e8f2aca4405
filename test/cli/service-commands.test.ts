import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeService } from '../../lib/cli/describe-service.ts'
import { diagnose } from '../../lib/cli/diagnose.ts'
import type { ServiceView } from '../../lib/api/contract/service-view.ts'
import { aLiveApi, type LiveApi } from '../support/a-live-api.ts'
import { NOON_MS } from '../support/a-job.ts'
import { runLine } from './run-line.ts'

const at = (secondsAgo: number) => new Date(NOON_MS - secondsAgo * 1000).toISOString()

const SLOTS = { command: { total: 1, taken: 1 }, query: { total: 4, taken: 0 } }

function aWorker(overrides: object = {}) {
  return {
    workerId: 'w1',
    taskId: 't1',
    version: 'v1',
    state: 'busy' as const,
    slots: SLOTS,
    jobs: [],
    startedAt: at(300),
    beatAt: at(2),
    ...overrides,
  }
}

type Decision = NonNullable<ServiceView['decisions']>[number]
type Fleet = NonNullable<ServiceView['fleet']>

const INPUTS = {
  waiting: { command: 3, query: 0 },
  oldestWaitingSeconds: 12,
  workers: {},
  unreported: 0,
  floor: 0,
  asked: {},
  unseen: [],
}

function aDecision(overrides: Partial<Decision> = {}): Decision {
  return {
    atMs: NOON_MS - 30_000,
    lastSeenAtMs: NOON_MS - 5000,
    count: 3,
    cause: 'clock',
    wanted: 2,
    reason: 'waiting-jobs',
    desired: {},
    drains: [],
    versions: {},
    inputs: INPUTS,
    ...overrides,
  }
}

const EMPTY_SIDE = { desired: 0, running: 0, pending: 0 }

function aFleet(overrides: Partial<Fleet> = {}): Fleet {
  const sides = { a: { version: 'v1', desired: 2, running: 1, pending: 1 }, b: EMPTY_SIDE }
  return { sides, tasks: [], latestVersion: 'v1', ...overrides }
}

/** Tasks that have stopped, each with why. */
function stopped(...reasons: readonly string[]): Fleet['tasks'] {
  return reasons.map((stoppedReason, index) => ({
    taskId: `t${index + 1}`,
    side: 'a',
    version: 'v1',
    state: 'stopped',
    stoppedReason,
  }))
}

function aView(overrides: Partial<ServiceView> = {}): ServiceView {
  return {
    name: 'digits',
    type: 'ScalableJob',
    version: 'v1',
    apiVersion: '0.0.0-test',
    taskTypes: ['command', 'query'],
    startedAt: at(3600),
    uptimeSeconds: 3600,
    waiting: 3,
    queues: { command: { visible: 3, inFlight: 0, delayed: 0 } },
    workers: [aWorker()],
    fleet: aFleet(),
    decisions: [aDecision()],
    scaling: { min: 0, max: 4 },
    slots: {},
    intake: { inlineBytes: 1, bodyBytes: 1, maxWaitingJobs: 1 },
    ignored: [],
    notObserved: [],
    ...overrides,
  }
}

const bad = (view: ServiceView) =>
  diagnose(view, NOON_MS)
    .filter(({ level }) => level !== 'good')
    .map(({ what }) => what)

describe('service', () => {
  const plain = (_style: string, text: string) => text

  test('shows queues, fleet, workers and the reason of each decision', () => {
    const text = describeService(aView(), plain, NOON_MS)
    expect(text).toContain('command  3        0          0')
    expect(text).toMatch(/a {5}v1 {7}2 {8}1 {8}1/)
    expect(text).toContain('command 1/1, query 0/4')
    expect(text).toContain('More jobs wait than the free workers should have in front of them.')
  })

  test('names what could not be observed instead of showing zeros', () => {
    const { queues: _queues, workers: _workers, ...rest } = aView()
    const text = describeService({ ...rest, notObserved: ['queues', 'workers'] }, plain, NOON_MS)
    expect(text).toContain('could not be observed just now: queues, workers')
    expect(text).not.toContain('WAITING  IN FLIGHT')
  })

  test('shows the last decisions, newest first, and the side that has nothing not at all', () => {
    const decisions = Array.from({ length: 9 }, (_, index) =>
      aDecision({ atMs: NOON_MS - (9 - index) * 60_000, wanted: 10 + index }),
    )
    const text = describeService(aView({ decisions }), plain, NOON_MS)
    const wanted = [...text.matchAll(/^\d\d:\d\d:\d\d {2}3 {8}(\d+)/gm)].map(([, count]) => count)
    expect(wanted).toEqual(['18', '17', '16', '15', '14', '13', '12', '11'])
    expect(text).not.toMatch(/^b {2}/m)
  })

  test('says none where there is none', () => {
    const sides = { a: EMPTY_SIDE, b: EMPTY_SIDE }
    const view = aView({ workers: [], decisions: [], fleet: aFleet({ sides }) })
    const text = describeService(view, plain, NOON_MS)
    expect(text).toContain('Workers\nnone\n')
    expect(text).toContain('no worker has been started yet')
    expect(text).toContain('none yet')
  })
})

describe('doctor', () => {
  let api: LiveApi
  beforeAll(async () => {
    api = await aLiveApi()
  })
  afterAll(() => api.close())

  test('a healthy service has nothing that is bad', () => {
    expect(bad(aView())).toEqual([])
  })

  test.each<[string, Partial<ServiceView>, string]>([
    [
      'a scaler that no longer looks',
      { decisions: [aDecision({ lastSeenAtMs: NOON_MS - 600_000 })] },
      'the scaler last looked 10 min ago',
    ],
    ['a scaler that never looked', { decisions: [] }, 'the scaler has not decided anything yet'],
    ['a store that does not answer', { notObserved: ['workers'] }, 'the workers could not be read'],
    [
      'jobs that wait for long',
      {
        decisions: [
          aDecision({
            inputs: { ...INPUTS, waiting: { command: 1, query: 0 }, oldestWaitingSeconds: 3600 },
          }),
        ],
      },
      '1 job waiting, the oldest for 1 h',
    ],
    [
      'dead letters',
      { queues: { dead: { visible: 2, inFlight: 0, delayed: 0 } } },
      '2 messages could not be delivered',
    ],
    [
      'jobs that nobody will take',
      {
        taskTypes: ['command'],
        decisions: [aDecision({ inputs: { ...INPUTS, waiting: { command: 0, query: 3 } } })],
      },
      '3 jobs of type query waiting, but this service does not take that type',
    ],
    [
      'a silent worker',
      { workers: [aWorker({ beatAt: at(90) })] },
      'worker w1 has been silent for 1 min 30 s',
    ],
    [
      'a worker that does not become ready',
      { workers: [aWorker({ state: 'starting', note: 'port 8000 does not open' })] },
      'port 8000 does not open',
    ],
    [
      'tasks that stopped',
      { fleet: aFleet({ tasks: stopped('CannotPullContainer') }) },
      '1 worker task stopped within the last hour: CannotPullContainer',
    ],
    [
      'keys of service.json without a meaning',
      { ignored: [{ path: 'metadata.x', why: 'only on PAI' }] },
      'metadata.x in service.json has no effect here',
    ],
  ])('finds %s', (_name, overrides, expected) => {
    expect(bad(aView(overrides)).join('\n')).toContain(expected)
  })

  const whats = (view: ServiceView) => diagnose(view, NOON_MS).map(({ what }) => what)

  test('a scaler that has not looked yet is bad only once the service is not new', () => {
    const levelOf = (uptimeSeconds: number) => {
      const findings = diagnose(aView({ decisions: [], uptimeSeconds }), NOON_MS)
      return findings.find(({ what }) => what.includes('has not decided'))?.level
    }
    expect([levelOf(60), levelOf(3600)]).toEqual(['warning', 'bad'])
  })

  test.each([
    ['at-max', 'raise autoscaler.max'],
    ['waiting-jobs', 'whether workers start'],
  ])('jobs that wait for long at %s: %s', (reason, fix) => {
    const inputs = { ...INPUTS, oldestWaitingSeconds: 3600 }
    const findings = diagnose(aView({ decisions: [aDecision({ reason, inputs })] }), NOON_MS)
    expect(findings.find(({ what }) => what.includes('the oldest for 1 h'))?.fix).toContain(fix)
  })

  test('a worker that starts for longer than ten minutes is named, without a note as well', () => {
    const starting = (seconds: number) =>
      bad(aView({ workers: [aWorker({ state: 'starting', startedAt: at(seconds) })] }))
    expect(starting(300)).toEqual([])
    expect(starting(720)).toEqual(['worker w1 has been starting for 12 min'])
  })

  test('a silent worker does not count as reporting', () => {
    const workers = [aWorker(), aWorker({ workerId: 'w2', beatAt: at(3600) })]
    expect(whats(aView({ workers }))).toContain('1 worker reporting')
  })

  test('of a scaler that stands still it takes no ages, and counts what the queues say', () => {
    const inputs = { ...INPUTS, waiting: { command: 1, query: 0 }, oldestWaitingSeconds: 3600 }
    const old = aDecision({ lastSeenAtMs: NOON_MS - 600_000, inputs })
    expect(whats(aView({ decisions: [old], waiting: 7 }))).toContain('7 jobs waiting')
  })

  test('a task that stopped has its reason, what its worker said last, and where its log is', () => {
    const view = aView({
      workers: [aWorker({ state: 'starting', note: 'the model server never opened port 8000' })],
      fleet: aFleet({ tasks: stopped('exit code 1') }),
    })
    const [finding] = diagnose(view, NOON_MS).filter(({ what }) => what.includes('stopped within'))
    expect(finding?.what).toContain('exit code 1: the model server never opened port 8000')
    expect(finding?.fix).toContain('logs/worker-t1.log')
  })

  test('a task that was scaled in is nothing to look into', () => {
    const reasons = ['scaled in; exit code 0', 'Scaling activity initiated by (deployment x)']
    expect(bad(aView({ fleet: aFleet({ tasks: stopped(...reasons) }) }))).toEqual([])
  })

  test('tasks that stopped for one reason are one finding, with the log of the last', () => {
    const tasks = stopped('exit code 1', 'exit code 9', 'exit code 1')
    const findings = diagnose(aView({ fleet: aFleet({ tasks }) }), NOON_MS)
    const told = findings.filter(({ what }) => what.includes('stopped within'))
    expect(told.map(({ what }) => what.slice(0, 14))).toEqual(['2 worker tasks', '1 worker task '])
    expect(told.map(({ fix }) => /worker-t\d/.exec(fix ?? '')?.[0])).toEqual([
      'worker-t3',
      'worker-t2',
    ])
  })

  test('says first what is wrong with address and token, each with its fix', async () => {
    const nobody = await runLine(api, ['doctor'], {
      env: { SCALABLE_JOB_API_URL: 'http://127.0.0.1:9' },
    })
    expect(nobody.code).toBe(1)
    expect(nobody.stdout).toContain('bad  http://127.0.0.1:9 cannot be reached')
    const stranger = await runLine(api, ['doctor', '--token', 'wrong'])
    expect(stranger.code).toBe(1)
    expect(stranger.stdout).toContain('answers: digits, Scalable Job 0.0.0-test')
    expect(stranger.stdout).toContain('bad  the token is not known')
  })

  test('--json gives the findings to a program', async () => {
    const { stdout } = await runLine(api, ['doctor', '--json'])
    const { findings } = JSON.parse(stdout) as { findings: { level: string; what: string }[] }
    expect(findings[1]).toEqual({ level: 'good', what: 'the token is accepted' })
  })
})
