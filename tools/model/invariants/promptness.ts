import { isEnded } from '../../../lib/job/job.ts'
import type { EndMessage } from '../../../lib/job/messages.ts'
import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

/** What comes only with the reaper comes at the next look, seconds later. */
const AT_ONCE_MS = 1000

export const promptWhenWell: Invariant = {
  name: 'prompt-when-well',
  sentence: 'where nothing goes wrong an end is told at once, and nothing waits for the reaper',
  watch: (world, fail) => {
    const endedAtMs = new Map<string, number>()
    return {
      onRow(before, after) {
        const [was, is] = [jobOf(before), jobOf(after)]
        if (is === undefined || !isEnded(is.status) || was?.end !== undefined) return
        endedAtMs.set(is.id, world.time.nowMs)
      },
      onSend({ queue, body }) {
        if (queue !== 'output' || world.schedule.length > 0) return
        const { kind, jobId } = JSON.parse(body) as EndMessage
        const waitedMs = world.time.nowMs - (endedAtMs.get(jobId) ?? 0)
        if (kind === 'end' && waitedMs > AT_ONCE_MS) {
          fail(`the end of ${world.nameOf(jobId)} was told after ${waitedMs} ms`)
        }
      },
    }
  },
}
