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
