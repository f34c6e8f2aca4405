import { describe, expect, test } from 'vitest'
import * as checks from '../../lib/client/answer-checks.ts'

/** What is read of each answer, with all that it may have. */
const JOB = {
  id: '1',
  service: 's',
  tenant: 't',
  taskType: 'command',
  status: 'running',
  attempt: 1,
  acceptedAt: 'a',
  waitSeconds: 1,
  runSeconds: 1,
  reason: 'r',
  message: 'm',
  exitCode: 1,
  signal: 'SIGKILL',
  statusCode: 500,
  workerId: 'w',
  cancelRequestedAt: 'c',
  env: { A: '1' },
  tags: { b: '2' },
  limits: { graceSeconds: 1 },
  progress: { fraction: 0.5, note: 'n' },
  logs: { stdoutBytes: 1, stderrBytes: 1, cutBytes: 1 },
  checkpoint: { attempt: 1, number: 1, bytes: 1, at: 'x' },
  result: { bytes: 1, contentType: 'c' },
  artifacts: { files: 1, bytes: 1 },
  attempts: [{ attempt: 1, reason: 'r', resumedFrom: {} }],
  retryOf: '0',
}
const FILE = { path: 'p', bytes: 1, sha256: 's' }
const SERVICE = {
  name: 'n',
  version: 'v',
  taskTypes: ['command'],
  uptimeSeconds: 1,
  waiting: 1,
  queues: { command: { visible: 1, inFlight: 1, delayed: 1 } },
  workers: [
    {
      workerId: 'w',
      taskId: 't',
      state: 'idle',
      slots: { command: { total: 1, taken: 1 } },
      jobs: [{ jobId: '1' }],
      startedAt: 's',
      beatAt: 'b',
      drain: { reason: 'r' },
      note: 'n',
    },
  ],
  fleet: {
    sides: { a: { version: 'v', desired: 1, running: 1, pending: 1 } },
    tasks: [{ taskId: 't', state: 'running', stoppedReason: 'r' }],
  },
  decisions: [
    {
      atMs: 1,
      lastSeenAtMs: 1,
      wanted: 1,
      reason: 'r',
      inputs: { waiting: { command: 1 }, oldestWaitingSeconds: 1 },
    },
  ],
  ignored: [{ path: 'p', why: 'w' }],
  notObserved: ['fleet'],
}

const ANSWERS: [string, (value: unknown) => string | undefined, object][] = [
  ['job', checks.jobCheck, JOB],
  ['page of jobs', checks.jobPageCheck, { jobs: [{ ...JOB }], next: 'n' }],
  ['cancel', checks.cancelCheck, { outcome: 'o', job: JOB }],
  ['put', checks.putCheck, { jobId: '1' }],
  [
    'page of a log',
    checks.logPageCheck,
    {
      status: 's',
      lines: [{ attempt: 1, stream: 'stdout', at: 'a', text: 't', cursor: 'c' }],
      cursor: 'c',
      done: true,
    },
  ],
  [
    'artifacts',
    checks.artifactsCheck,
    { files: [{ ...FILE, url: 'u' }], truncated: true, manifestUrl: 'm' },
  ],
  ['list of an attempt', checks.manifestCheck, { files: [FILE] }],
  ['upload', checks.uploadCheck, { inputKey: 'k', uploadUrl: 'u', maxBytes: 1 }],
  ['output', checks.outputCheck, { messages: [{ receipt: 'r' }] }],
  ['acknowledgement', checks.ackCheck, { acknowledged: 1 }],
  ['health', checks.healthCheck, { status: 'ok', service: 's', version: 'v' }],
  ['service', checks.serviceCheck, SERVICE],
]

/** The path of each value below `value`, as a check names it. */
function pathsOf(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at]
  const below = Object.entries(value).flatMap(([key, each]) => pathsOf(each, `${at}.${key}`))
  return at === '' ? below : [at, ...below]
}

/** The same with another kind of value at one place. */
function spoil(value: unknown, [key = '', ...deeper]: readonly string[]): unknown {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string,
    unknown
  >
  copy[key] = deeper.length === 0 ? Symbol.for('spoilt') : spoil(copy[key], deeper)
  return copy
}

describe.each(ANSWERS)('the answer: %s', (_name, check, answer) => {
  test('passes, with fields and words that a newer service may have', () => {
    expect(check(answer)).toBeUndefined()
    expect(check({ ...answer, more: { of: 'it' } })).toBeUndefined()
  })

  test.each(pathsOf(answer))('is refused, by its place, where %s is of another kind', (path) => {
    expect(check(spoil(answer, path.slice(1).split('.')))).toBe(path)
  })

  test.each([[null], [undefined], ['text'], [[]], [1]])('is not %j', (value) => {
    expect(check(value)).toBe('')
  })
})

test('a job that waits has none of the fields that come later', () => {
  const later = ['runSeconds', 'reason', 'message', 'exitCode', 'signal', 'statusCode', 'workerId']
  const more = ['cancelRequestedAt', 'progress', 'logs', 'checkpoint', 'result', 'artifacts']
  const absent = new Set([...later, ...more, 'retryOf'])
  const waiting = Object.fromEntries(Object.entries(JOB).filter(([name]) => !absent.has(name)))
  expect(checks.jobCheck(waiting)).toBeUndefined()
})
