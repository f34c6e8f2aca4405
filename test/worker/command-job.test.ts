import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from './support/a-bench.ts'

describe('a command job', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await openBench()
  })

  afterEach(async () => {
    await bench.close()
  })

  it('runs in the shell and succeeds when the command exits with 0', async () => {
    bench.startWorker()
    const { id } = await bench.submit('echo hello; echo oh >&2')
    const job = await bench.ended(id)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1, end: { reason: 'completed' } })
    expect(await bench.text(job)).toBe('hello\n')
    expect(await bench.text(job, 'stderr')).toBe('oh\n')
  })
})
