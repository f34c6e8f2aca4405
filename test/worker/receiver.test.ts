import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeReadyMessage } from '../../lib/job/store/send-ready.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import type { Model } from '../../worker/query/model.ts'
import { waitFor } from '../support/wait-for.ts'
import { aCommandService, type Bench, openBench } from './support/a-bench.ts'
import { program } from './support/programs.ts'
import { withMethods } from './support/with-methods.ts'

const MODEL: Model = {
  isReady: true,
  failedStarts: 0,
  note: '',
  doubt: () => undefined,
  close: () => Promise.resolve(),
}

describe('a worker that receives', () => {
  let bench: Bench
  let handBacks: number[]

  beforeEach(async () => {
    bench = await openBench()
    handBacks = []
  })

  afterEach(async () => {
    await bench.close()
  })

  /** Remembers after how many seconds messages were to show again. */
  const withHandBacks = (methods: Partial<Queues> = {}): Queues =>
    withMethods<Queues>(bench.queues, {
      handBack: (queue, receipts, afterSeconds) => {
        handBacks.push(afterSeconds)
        return bench.queues.handBack(queue, receipts, afterSeconds)
      },
      ...methods,
    })

  it('gives a message for which there is no slot to others within a second', async () => {
    const jobs = [await bench.submit(program('forever')), await bench.submit(program('forever'))]
    const receive: Queues['receive'] = (queue, how) =>
      bench.queues.receive(queue, { ...how, max: 2 })
    bench.startWorker({ queues: withHandBacks({ receive }) })
    await waitFor('a message to go back', () => handBacks.length > 0)
    expect(handBacks).toEqual([1])
    const others = await Promise.all(jobs.map(({ id }) => bench.read(id)))
    expect(others.filter(({ status }) => status === 'queued').length).toBeGreaterThan(0)
  })

  it('leaves queries to other workers as soon as a command takes its room', async () => {
    const polls: AbortSignal[] = []
    const receive: Queues['receive'] = (queue, how) => {
      if (queue === 'query' && how.signal !== undefined) polls.push(how.signal)
      return bench.queues.receive(queue, how)
    }
    bench.startWorker({
      service: aCommandService({ taskTypes: ['command', 'query'] }),
      queues: withHandBacks({ receive }),
      makeModel: () => MODEL,
    })
    await waitFor('a poll for queries', () => polls.length > 0)
    const { id } = await bench.submit(program('forever'))
    await bench.running(id)
    await waitFor('the end of the poll', () => polls.every(({ aborted }) => aborted))
    expect((await bench.read(id)).status).toBe('running')
  })

  it('lets the first of two equal messages decide while it is in hand', async () => {
    const slots = { command: 2, query: 1, queriesBesideCommand: false }
    const worker = bench.startWorker({
      service: aCommandService({ slots }),
      queues: withHandBacks(),
    })
    const answered = Promise.withResolvers<void>()
    const protect = worker.protection.protect.bind(worker.protection)
    worker.protection.protect = async (minutes) => {
      await answered.promise
      return protect(minutes)
    }
    const job = await bench.submit('true')
    await bench.queues.send('command', [makeReadyMessage(job)])
    await waitFor('the repeat to go back', () => handBacks.length > 0)
    answered.resolve()
    expect(await bench.ended(job.id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })
})
