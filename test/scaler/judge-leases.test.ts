import { describe, expect, it } from 'vitest'
import type { Job } from '../../lib/job/job.ts'
import { judgeLeases, type LeaseMemory } from '../../lib/scaler/reaper/judge-leases.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'

function running(id: string, beat: number): Job {
  const lease = { workerId: 'w', taskId: 't', beat, grantedAt: 'x', leaseSeconds: 30 }
  return aJob({ id, status: 'running', attempt: 1, lease })
}

function judge(memory: LeaseMemory, jobs: Job[], { atSeconds = 0, next = '' } = {}) {
  const times = { nowMs: NOON_MS + atSeconds * 1000, lookSeconds: 10 }
  return judgeLeases(memory, { jobs, ...(next && { next }) }, times)
}

describe('looks of ten seconds that come a little late', () => {
  function silentAt(times: readonly number[]): number[] {
    let memory: LeaseMemory = { beats: {} }
    return times.filter((atSeconds) => {
      const judgement = judge(memory, [running('1', 5)], { atSeconds })
      memory = judgement.memory
      return judgement.silent.length > 0
    })
  }

  it('find a beat silent that stood still for the lease of 30 s', () => {
    expect(silentAt([0, 10.4, 20.8, 31.2])).toEqual([31.2])
    expect(silentAt([0, 10, 20, 29.999, 30])).toEqual([30])
  })

  it('go on counting where one of them is 15 s late, and start anew after 21 s', () => {
    expect(silentAt([0, 15, 30])).toEqual([30])
    expect(silentAt([0, 15, 36, 50, 65, 66])).toEqual([66])
  })
})

describe('the watch over leases', () => {
  it('starts anew with a new attempt of the same job', () => {
    let { memory } = judge({ beats: {} }, [running('1', 5)])
    const second = { ...running('1', 5), attempt: 2 }
    for (const atSeconds of [10, 20, 30]) {
      const judged = judge(memory, [atSeconds === 10 ? running('1', 5) : second], { atSeconds })
      memory = judged.memory
      expect(judged.silent).toEqual([])
    }
  })

  it('leaves out rows that run no more, or that nobody holds', () => {
    const { lease: _none, ...unheld } = running('2', 5)
    const { memory, silent } = judge({ beats: {} }, [
      { ...running('1', 5), status: 'queued' },
      unheld,
    ])
    expect([memory.beats, silent]).toEqual([{}, []])
  })

  it('counts a beat that went back as a sign of life as well', () => {
    let { memory } = judge({ beats: {} }, [running('1', 5)])
    for (const [atSeconds, beat] of [
      [10, 4],
      [20, 4],
      [30, 4],
    ] as const) {
      const judgement = judge(memory, [running('1', beat)], { atSeconds })
      memory = judgement.memory
      expect(judgement.silent).toEqual([])
    }
    const { silent } = judge(memory, [running('1', 4)], { atSeconds: 40 })
    expect(silent).toHaveLength(1)
  })

  it('forgets jobs that run no more, so that it stays small', () => {
    const { memory } = judge({ beats: {} }, [running('1', 5), running('2', 5)])
    expect(Object.keys(judge(memory, [running('2', 6)], { atSeconds: 10 }).memory.beats)).toEqual([
      '2',
    ])
  })

  it('moves its window on once every beat in it has moved, and comes round', () => {
    const first = judge({ beats: {} }, [running('1', 5), running('2', 5)], { next: 'after-2' })
    expect(first.memory.windowAfter).toBeUndefined()
    const still = judge(first.memory, [running('1', 6), running('2', 5)], {
      atSeconds: 10,
      next: 'after-2',
    })
    expect(still.memory.windowAfter).toBeUndefined()
    const moved = judge(still.memory, [running('1', 7), running('2', 6)], {
      atSeconds: 20,
      next: 'after-2',
    })
    expect(moved.memory.windowAfter).toBe('after-2')
    const last = judge(moved.memory, [running('3', 1)], { atSeconds: 30 })
    expect(last.memory.windowAfter).toBe('after-2')
    const round = judge(last.memory, [running('3', 2)], { atSeconds: 40 })
    expect(round.memory.windowAfter).toBeUndefined()
  })

  it('stays with a window until its silent jobs are lost', () => {
    let { memory } = judge({ beats: {} }, [running('1', 5)], { next: 'after-1' })
    for (const atSeconds of [10, 20]) {
      memory = judge(memory, [running('1', 5)], { atSeconds, next: 'after-1' }).memory
    }
    const judged = judge(memory, [running('1', 5)], { atSeconds: 30, next: 'after-1' })
    expect(judged.silent.map(({ id }) => id)).toEqual(['1'])
  })
})
