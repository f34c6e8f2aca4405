import { describe, expect, test } from 'vitest'
import type { Change, Job } from '../../lib/job/job.ts'
import { claim } from '../../lib/job/life/attempt.ts'
import {
  confirmEnd,
  confirmReady,
  postponeReady,
  reserveEnd,
  reserveReady,
} from '../../lib/job/life/delivery.ts'
import { requestCancel } from '../../lib/job/life/ending.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'

const BY = { workerId: 'w1', taskId: 't1', leaseSeconds: 300, attempt: 1 }

function changed(change: Change<string>): Job {
  if (!change.ok) throw new Error(`refused: ${change.why}`)
  return change.job
}

describe('the ready message of a queued job', () => {
  test('is held for 30 s while it is sent, so that nobody else sends it meanwhile', () => {
    const reserved = changed(reserveReady(aJob(), NOON_MS))
    expect(reserved).toEqual(aJob({ readyAt: '2026-01-01T12:00:30.000Z' }))
    expect(reserveReady(reserved, NOON_MS + 29_999)).toEqual({ ok: false, why: 'not-due' })
    expect(reserveReady(reserved, NOON_MS + 30_000).ok).toBe(true)
  })

  test('once sent, is due again only after 10 minutes', () => {
    const reserved = changed(reserveReady(aJob(), NOON_MS))
    const sent = changed(confirmReady(reserved, reserved, NOON_MS + 1000))
    expect(sent).toEqual(aJob({ readyAt: '2026-01-01T12:10:01.000Z', readySent: 1 }))
  })

  test.each([
    ['was claimed', (job: Job) => changed(claim(job, BY, NOON_MS))],
    ['was canceled', (job: Job) => changed(requestCancel(job, 'me', NOON_MS))],
    ['was reserved by somebody else', (job: Job) => changed(reserveReady(job, NOON_MS + 30_000))],
  ])('is not confirmed for a job that %s meanwhile', (_what, change) => {
    const reserved = changed(reserveReady(aJob(), NOON_MS))
    const refused = { ok: false, why: 'moved-on' }
    expect(confirmReady(change(reserved), reserved, NOON_MS)).toEqual(refused)
  })

  test.each([
    ['running', changed(claim(aJob(), BY, NOON_MS))],
    ['ended', changed(requestCancel(aJob(), 'me', NOON_MS))],
  ])('is neither sent nor put off for a job that is %s', (_status, job) => {
    const refused = { ok: false, why: 'not-queued' }
    expect(reserveReady(job, NOON_MS)).toEqual(refused)
    expect(postponeReady(job, NOON_MS)).toEqual(refused)
  })

  test('that nobody answers is sent again after 10 minutes, 20, 40 … at most 12 hours', () => {
    const { waitsSeconds, job, dueMs } = repeat(aJob(), postponeReady, 'readyAt')
    const waitsMinutes = waitsSeconds.map((seconds) => seconds / 60)
    expect(waitsMinutes).toEqual([10, 20, 40, 80, 160, 320, 640, 720, 720])
    expect(postponeReady(job, dueMs - 1)).toEqual({ ok: false, why: 'not-due' })
  })
})

describe('the end message of an ended job', () => {
  test('is sent again until it is confirmed', () => {
    const ended = changed(requestCancel(aJob(), 'me', NOON_MS))
    const once = changed(reserveEnd(ended, NOON_MS))
    expect(once.notifyAt).toBe('2026-01-01T12:00:30.000Z')
    expect(reserveEnd(once, NOON_MS + 1).ok).toBe(false)
    expect(reserveEnd(once, NOON_MS + 30_000).ok).toBe(true)
    const told = changed(confirmEnd(once))
    expect(told.notifyAt).toBeUndefined()
    expect(confirmEnd(told).ok).toBe(false)
  })

  test('is sent within five minutes of the return of a queue that was away for hours', () => {
    const ended = changed(requestCancel(aJob(), 'me', NOON_MS))
    const { waitsSeconds } = repeat(ended, reserveEnd, 'notifyAt')
    expect(waitsSeconds).toEqual([30, 60, 120, 240, 300, 300, 300, 300, 300])
  })
})

/** A step taken nine times, each time at the moment for which the one before has put it off. */
function repeat(
  first: Job,
  step: (job: Job, nowMs: number) => Change<string>,
  at: 'readyAt' | 'notifyAt',
): { waitsSeconds: number[]; job: Job; dueMs: number } {
  let [job, dueMs] = [first, NOON_MS]
  const waitsSeconds: number[] = []
  for (let sent = 0; sent < 9; sent += 1) {
    job = changed(step(job, dueMs))
    const nextMs = Date.parse(job[at] ?? '')
    waitsSeconds.push((nextMs - dueMs) / 1000)
    dueMs = nextMs
  }
  return { waitsSeconds, job, dueMs }
}
