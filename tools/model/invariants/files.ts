import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

export const filesStayPut: Invariant = {
  name: 'files-stay-put',
  sentence: 'each attempt writes only below its own folder, and nothing accepted is overwritten',
  watch: (world, fail) => {
    /** `job/attempt` → the worker that claimed it. */
    const holders = new Map<string, string>()
    return {
      onRow(_before, after) {
        const job = jobOf(after)
        if (job?.lease !== undefined) holders.set(`${job.id}/${job.attempt}`, job.lease.workerId)
      },
      onPut(before, after, by) {
        const { key } = after.info
        const [, jobId = '', attempt = ''] = /^jobs\/(\d+)\/(\d+)\//.exec(key) ?? []
        const name = world.nameOf(jobId === '' ? '0' : jobId)
        const holder = holders.get(`${jobId}/${attempt}`)
        const who = by?.process.name ?? 'nobody'
        if (who.startsWith('w') && who !== holder) {
          fail(`${who} wrote ${key} of ${name}, an attempt of ${holder ?? 'nobody'}`)
        }
        if (before !== undefined && !before.body.equals(after.body)) {
          fail(`${who} overwrote ${key} of ${name} with something else`)
        }
      },
      atEnd() {
        for (const job of world.jobs()) {
          const { artifacts, acceptedPrefix = '', status } = job
          const name = world.nameOf(job.id)
          const isKept = artifacts === undefined || world.files.files.has(artifacts.manifestKey)
          if (!isKept) fail(`the artifacts of ${name} are not there`)
          if (artifacts !== undefined && !artifacts.manifestKey.startsWith(acceptedPrefix)) {
            fail(`the artifacts of ${name} are those of another attempt`)
          }
          const isOwn = acceptedPrefix === `jobs/${job.id}/${job.attempt}/`
          if (status === 'succeeded' && !isOwn) fail(`${name} accepted ${acceptedPrefix}`)
        }
      },
    }
  },
}
