import type { ReadyMessage } from '../../../lib/job/messages.ts'
import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

/** Longer than any call takes: what runs for so long, a look has seen. */
const SEEN_MS = 60_000

export const passedOverOnlyInLine: Invariant = {
  name: 'passed-over-only-in-line',
  sentence: 'a job whose message is due gets one, unless nobody has got as far as it yet',
  watch: (world, fail) => {
    const sent = new Set<string>()
    const startedAtMs = new Map<string, number>()
    return {
      onSend({ queue, body }) {
        if (queue !== 'output') sent.add((JSON.parse(body) as ReadyMessage).jobId)
      },
      onRow(before, after) {
        const [was, is] = [jobOf(before), jobOf(after)]
        if (is === undefined) return
        if (is.status !== 'running') startedAtMs.delete(is.id)
        else if (was?.status !== 'running') startedAtMs.set(is.id, world.time.nowMs)
        const isMoved = was?.status === 'queued' && is.readySent > was.readySent
        if (!isMoved || sent.delete(is.id)) return
        if (world.schedule.some(({ do: what }) => what === 'stale')) return
        for (const [id, atMs] of startedAtMs) {
          if (id <= is.id || world.time.nowMs - atMs < SEEN_MS) continue
          fail(`${world.nameOf(is.id)} was passed over, and ${world.nameOf(id)} runs`)
        }
      },
    }
  },
}
