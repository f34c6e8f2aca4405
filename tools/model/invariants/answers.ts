import { isEnded } from '../../../lib/job/job.ts'
import { jobOf } from '../world/read-jobs.ts'
import type { Invariant } from './invariant.ts'

export const submitsAreKept: Invariant = {
  name: 'submits-are-kept',
  sentence: 'a job whose submit was answered stands in the table; the same key means the same job',
  watch: (world, fail) => {
    const idOf = new Map<string, unknown>()
    return {
      onAnswer({ kind, name, status, body }) {
        if (kind !== 'submit' || status !== 201) return
        const { id } = body
        if (!world.jobs().some((job) => job.id === id)) fail(`${name} was accepted without a row`)
        const before = idOf.get(name)
        if (before !== undefined && before !== id) fail(`the key of ${name} means two jobs`)
        idOf.set(name, id)
      },
      onRow(before, after) {
        const job = jobOf(after)
        if (job === undefined || before !== undefined || job.retryOf !== undefined) return
        const name = job.tags['name']
        const { hasKey } = world.scenario.jobs.find((each) => each.name === name) ?? {}
        const same = world.jobs().filter((each) => each.tags['name'] === name && !each.retryOf)
        if (hasKey === true && same.length > 1) fail(`one key of ${name} made two jobs`)
      },
    }
  },
}

export const cancelsAreTrue: Invariant = {
  name: 'cancels-are-true',
  sentence: 'what the answer to a cancel says is so, and stays so',
  watch: (world, fail) => {
    const canceled = new Set<unknown>()
    const requested = new Set<unknown>()
    return {
      onAnswer({ kind, name, status, body }) {
        if (kind !== 'cancel' || status >= 400) return
        const { id } = body['job'] as { id: string }
        const job = world.jobs().find((each) => each.id === id)
        if (body['outcome'] === 'cancel-requested') requested.add(id)
        else if (job === undefined || !isEnded(job.status)) {
          fail(`${name} is ${job?.status}, and ${String(body['outcome'])} was answered`)
        }
        if (body['outcome'] === 'canceled') {
          canceled.add(id)
          if (job?.status !== 'canceled') fail(`${name} was called canceled and is ${job?.status}`)
        }
      },
      onRow(before, after) {
        const [was, is] = [jobOf(before), jobOf(after)]
        if (is?.cancel === undefined || was?.cancel === undefined) return
        const name = world.nameOf(is.id)
        if (is.status === 'queued') fail(`${name} is queued again after its cancel`)
        if (is.status === 'failed') fail(`${name} failed after its cancel`)
      },
    }
  },
}
