import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { ForeignModel } from '../../../worker/query/foreign-model.ts'
import { findFreePort } from '../../../worker/query/model.ts'
import { waitFor } from '../../support/wait-for.ts'

const START_SECONDS = 3

describe('a model server that the worker did not start', () => {
  let model: ForeignModel | undefined
  let server: Server | undefined

  afterEach(async () => {
    await model?.close()
    server?.close()
  })

  /** Its clock runs as fast as the looks at the port. */
  function watch(port: number, onChange: (atMs: number, model: ForeignModel) => void): void {
    let nowMs = 0
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      sleep: async (ms: number) => {
        await nextTurn()
        nowMs += ms
      },
    }
    const startSeconds = START_SECONDS
    const watched = new ForeignModel({
      port,
      startSeconds,
      clock,
      onChange: () => onChange(nowMs, watched),
    })
    model = watched
  }

  it('has failed to start once for each start time in which its port stayed closed', async () => {
    const failures: number[][] = []
    watch(await findFreePort(), (atMs, { failedStarts }) => failures.push([atMs, failedStarts]))
    await waitFor('three failed starts', () => failures.length >= 3)
    expect(failures.slice(0, 3)).toEqual([
      [3000, 1],
      [6000, 2],
      [9000, 3],
    ])
  })

  it('is ready once its port is open, and no failure counts any more', async () => {
    const port = await findFreePort()
    watch(port, () => undefined)
    await waitFor('a failed start', () => (model?.failedStarts ?? 0) > 0)
    server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
    await once(server, 'listening')
    await waitFor('it to be ready', () => model?.isReady)
    expect(model?.failedStarts).toBe(0)
  })
})
