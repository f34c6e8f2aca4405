import { describe, expect, test } from 'vitest'
import type { Job } from '../../lib/client/answers.ts'
import type { CommandCall } from '../../lib/cli/command.ts'
import { describeJob, describeStatus } from '../../lib/cli/describe-job.ts'
import { exitCodeOf } from '../../lib/cli/follow-job.ts'
import { makeJob, type SubmitChoices } from '../../lib/cli/make-job.ts'

const plain = (_style: string, text: string) => text

function aView(more: Partial<Job> = {}): Job {
  return {
    id: '3711718195200000001',
    service: 'digits',
    tenant: 'default',
    taskType: 'command',
    status: 'running',
    attempt: 1,
    acceptedAt: '2026-01-01T12:00:00.000Z',
    queuedAt: '2026-01-01T12:00:00.000Z',
    waitSeconds: 2,
    input: { bytes: 1 },
    env: {},
    tags: {},
    limits: { runSeconds: 0, queueSeconds: 0, graceSeconds: 30 },
    retry: { maxRetries: 0, maxLosses: 5, backoffSeconds: 10 },
    checkpointSeconds: 30,
    logToQueue: false,
    retriesUsed: 0,
    lossesUsed: 0,
    attempts: [],
    links: { self: '', logs: '', result: '', artifacts: '' },
    ...more,
  }
}

describe('the exit status of a job', () => {
  test.each<[Partial<Job>, number]>([
    [{ status: 'succeeded' }, 0],
    [{ status: 'failed', exitCode: 7 }, 7],
    [{ status: 'failed', exitCode: 255 }, 255],
    [{ status: 'failed', exitCode: 256 }, 1],
    [{ status: 'failed', exitCode: 0 }, 1],
    [{ status: 'failed', signal: 'SIGKILL' }, 137],
    [{ status: 'failed', signal: 'SIGWHAT' }, 1],
    [{ status: 'canceled' }, 1],
  ])('of %j is %d', (more, code) => {
    expect(exitCodeOf(aView(more))).toBe(code)
  })
})

describe('a job in words', () => {
  test.each<[Partial<Job>, string]>([
    [{}, 'running'],
    [{ cancelRequestedAt: 'x' }, 'running, cancel requested'],
    [{ status: 'canceled', cancelRequestedAt: 'x' }, 'canceled'],
    [{ status: 'succeeded', exitCode: 0 }, 'succeeded'],
    [{ status: 'failed', exitCode: 3 }, 'failed, exit code 3'],
    [{ status: 'failed', signal: 'SIGKILL' }, 'failed, SIGKILL'],
    [{ status: 'failed', statusCode: 500 }, 'failed, HTTP 500'],
  ])('%j stands as: %s', (more, text) => {
    expect(describeStatus(aView(more), plain)).toBe(text)
  })

  const lines = (more: Partial<Job>) => {
    const facts = describeJob(aView(more), plain).trim().split('\n')
    return Object.fromEntries(facts.map((line) => [line.slice(0, 11).trim(), line.slice(12)]))
  }

  test('has a line for each fact that it has, and none for others', () => {
    expect(lines({})).toEqual({
      job: '3711718195200000001',
      status: 'running',
      type: 'command',
      service: 'digits',
      accepted: '2026-01-01T12:00:00.000Z',
      waited: '2 s',
      attempts: '1',
    })
  })

  test('tells all that is known of it', () => {
    const progress = { fraction: 0.425, note: '\u001b[2Jepoch 5', at: '' }
    const ended = { attempt: 1, workerId: 'w', startedAt: '', endedAt: '' }
    const all = lines({
      attempt: 3,
      tenant: 'team-a',
      runSeconds: 61,
      workerId: 'w1',
      message: 'exited with 1',
      reason: 'exit-code',
      progress,
      attempts: [
        { ...ended, reason: 'worker-lost' },
        { ...ended, attempt: 2, resumedFrom: { attempt: 1, number: 4 } },
      ],
      checkpoint: { attempt: 2, number: 5, bytes: 2048, at: 'then' },
      result: { bytes: 11, contentType: 'application/json' },
      artifacts: { files: 1, bytes: 10 },
      logs: { stdoutBytes: 1000, stderrBytes: 24, cutBytes: 2048, chunks: 1 },
      tags: { a: '1', b: '2' },
      env: { C: '3' },
      retryOf: '1',
    })
    expect(all).toMatchObject({
      service: 'digits, tenant team-a',
      why: 'exited with 1 (exit-code)',
      progress: '43 % epoch 5',
      ran: '1 min 1 s',
      worker: 'w1',
      attempts: '3 (1: worker-lost; 2: ended, resumed)',
      checkpoint: 'number 5 of attempt 2, 2.0 KiB, then',
      result: '11 B, application/json',
      artifacts: '1 file, 10 B',
      log: '1.0 KiB, 2.0 KiB cut',
      tags: 'a=1  b=2',
      env: 'C=3',
      'retry of': '1',
    })
    expect(lines({ status: 'succeeded', progress })['progress']).toBeUndefined()
    expect(lines({ attempt: 0 })['attempts']).toBeUndefined()
    expect(lines({ artifacts: { files: 2, bytes: 0 } })['artifacts']).toBe('2 files, 0 B')
  })
})

describe('the job of a submit line', () => {
  const uploads: Uint8Array[] = []
  const client = {
    upload: (bytes: Uint8Array) => {
      uploads.push(bytes)
      return Promise.resolve('uploads/default/1')
    },
  }
  const make = async (
    choices: SubmitChoices,
    { words = [], input }: { words?: string[]; input?: Buffer } = {},
  ) => {
    const stdin =
      input === undefined
        ? {}
        : {
            stdin: (async function* () {
              yield input
            })(),
          }
    const io = { cwd: '/', env: {}, ...stdin } as unknown as CommandCall['io']
    const call = {
      io,
      words,
      json: false,
      paint: plain,
      show: () => undefined,
      connect: () => {
        throw new Error()
      },
    }
    return makeJob(call, client, choices)
  }

  test('has what was chosen and nothing else', async () => {
    expect(await make({ type: 'command', command: 'x' })).toEqual({
      taskType: 'command',
      command: 'x',
    })
    expect(await make({ type: 'query' })).toEqual({ taskType: 'query' })
    const choices = {
      env: { A: '1' },
      tag: { t: 'v' },
      runSeconds: 0,
      queueSeconds: 2,
      graceSeconds: 3,
      retries: 0,
      checkpointSeconds: 0,
      tenant: 'team-a',
    }
    expect(await make({ type: 'command', ...choices }, { words: ['a b'] })).toEqual({
      taskType: 'command',
      command: "'a b'",
      env: { A: '1' },
      tags: { t: 'v' },
      limits: { runSeconds: 0, queueSeconds: 2, graceSeconds: 3 },
      retry: { maxRetries: 0 },
      checkpointSeconds: 0,
      tenant: 'team-a',
    })
  })

  test('takes the words of its request as they are', async () => {
    const choices = { path: '/p', method: 'PUT', contentType: 'text/csv' }
    const job = await make({ type: 'query', input: '-', ...choices }, { input: Buffer.from('1,2') })
    expect(job).toEqual({
      taskType: 'query',
      request: { path: '/p', method: 'PUT', headers: { 'content-type': 'text/csv' } },
      inputBase64: Buffer.from('1,2').toString('base64'),
    })
  })

  test.each([
    ['{"a":1}', 'application/json'],
    ['hello', 'text/plain; charset=utf-8'],
    [Buffer.from([0xff, 0xfe]), 'application/octet-stream'],
  ])('recognises %s', async (input, type) => {
    const job = await make({ type: 'query', input: '-' }, { input: Buffer.from(input) })
    expect(job.request?.headers).toEqual({ 'content-type': type })
  })

  test('uploads what is larger than 256 KiB', async () => {
    const inline = await make({ type: 'query', input: '-' }, { input: Buffer.alloc(262_144) })
    expect(inline.inputKey).toBeUndefined()
    expect(uploads).toEqual([])
    const large = await make({ type: 'query', input: '-' }, { input: Buffer.alloc(262_145) })
    expect(large).toMatchObject({ inputKey: 'uploads/default/1' })
    expect(large.inputBase64).toBeUndefined()
    expect(uploads.map(({ length }) => length)).toEqual([262_145])
  })
})
