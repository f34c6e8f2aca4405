import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import type { Leases, RenewerDeps } from '../../worker/beats/lease-renewer.ts'
import type { LeaseWatch } from '../../worker/beats/lease-watch.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Bench, makeBenchLeases, openBench } from './support/a-bench.ts'
import { withMethods } from './support/with-methods.ts'

const RETRY = { maxRetries: 3, maxLosses: 3, backoffSeconds: 0 }

describe('an attempt that has lost its lease', () => {
  let bench: Bench
  /** What is written for jobs, in order. */
  let written: string[]
  let watches: LeaseWatch[]
  let isAway: (key: string) => boolean

  beforeEach(async () => {
    bench = await openBench()
    written = []
    watches = []
    isAway = () => false
  })

  afterEach(async () => {
    await bench.close()
  })

  function startWorker() {
    const files = withMethods(bench.files, {
      put: (file) => {
        written.push(file.key)
        if (isAway(file.key)) return Promise.reject(new PortUnavailable('files', 'put', 'test'))
        return bench.files.put(file)
      },
    })
    const table = withMethods(bench.table, {
      write: (writes) => {
        for (const { key } of writes) if (key.pk.startsWith('job#')) written.push(key.pk)
        return bench.table.write(writes)
      },
    })
    const queues = withMethods(bench.queues, {
      send: (name, messages) => {
        written.push(name)
        return bench.queues.send(name, messages)
      },
    })
    return bench.startWorker({ files, table, queues, makeLeases })
  }

  /** Those of the bench, and the test sees each. */
  function makeLeases(deps: RenewerDeps): Leases {
    const leases = makeBenchLeases(deps)
    return withMethods(leases, {
      watch: (claimed, sentAtMs) => {
        const watch = leases.watch(claimed, sentAtMs)
        watches.push(watch)
        return watch
      },
    })
  }

  /** The row still names this attempt, so that nothing but the attempt itself holds it back. */
  function lose(): number {
    const before = written.length
    watches.at(-1)?.emit('not-holder')
    return before
  }

  const untilIdle = async (worker: ReturnType<typeof startWorker>) =>
    waitFor('the attempt to be over', () => worker.protection.calls.includes('release'))

  it('writes nothing at all: no end, no checkpoint, no artifact, no line of its log', async () => {
    const worker = startWorker()
    const command = [
      'echo early',
      'echo state > $SCALABLE_JOB_CHECKPOINT_DIR/state',
      'echo model > $SCALABLE_JOB_ARTIFACTS_DIR/model',
      'while :; do echo again; date +%N > $SCALABLE_JOB_CHECKPOINT_DIR/state; sleep 0.02; done',
    ].join('\n')
    const { id } = await bench.submit(command, {
      checkpointSeconds: 0.1,
      retry: RETRY,
      logToQueue: true,
    })
    await waitFor('a checkpoint', async () => (await bench.read(id)).checkpoint !== undefined)
    const before = lose()
    await untilIdle(worker)
    expect(written.slice(before)).toEqual([])
    expect(await bench.read(id)).toMatchObject({ status: 'running', attempt: 1 })
  })

  it('tries no write again', async () => {
    isAway = (key) => key.includes('/artifacts/')
    const worker = startWorker()
    const { id } = await bench.submit('echo model > $SCALABLE_JOB_ARTIFACTS_DIR/model', {
      retry: RETRY,
    })
    await waitFor('a refused write', () => written.some(isAway))
    const before = lose()
    await untilIdle(worker)
    expect(written.slice(before).filter(isAway)).toEqual([])
    expect(await bench.read(id)).toMatchObject({ status: 'running', attempt: 1 })
  })
})
