import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from './answers.ts'
import { callApi, type Connection } from './call-api.ts'
import type { CallOptions } from './client.ts'
import { Patience } from './patience.ts'

/** The longest that the service holds an answer. */
export const MAX_WAIT_SECONDS = 20

/** By long polling, so that the end is known at once. The result itself is not read. */
export async function waitForEnd(
  connection: Connection,
  { id, signal }: { id: string } & CallOptions,
  get: () => Promise<Job>,
): Promise<Job> {
  const patience = new Patience()
  for (;;) {
    try {
      const { status } = await callApi(connection, {
        method: 'GET',
        path: `/jobs/${id}/result`,
        query: { waitSeconds: MAX_WAIT_SECONDS },
        headers: { accept: '*/*' },
        holdMs: MAX_WAIT_SECONDS * 1000,
        repeatable: true,
        mayRedirect: true,
        skipsBody: true,
        signal,
      })
      if (status !== 202) return await get()
      patience.reset()
    } catch (error) {
      await sleep(patience.afterFailure(error).retryMs, undefined, signal && { signal })
    }
  }
}
