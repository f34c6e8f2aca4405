import { isEnded } from '../../../lib/job/job.ts'
import type { EndMessage, ReadyMessage } from '../../../lib/job/messages.ts'
import type { Invariant } from './invariant.ts'

export const noMessageDeletedEarly: Invariant = {
  name: 'no-message-deleted-early',
  sentence: 'a message is deleted only once its attempt is claimed, or its job has ended',
  watch: (world, fail) => ({
    onDelete({ queue, body }, by) {
      if (queue !== 'command' && queue !== 'query') return
      const { jobId, attempt } = JSON.parse(body) as ReadyMessage
      const job = world.jobs().find(({ id }) => id === jobId)
      if (job === undefined || isEnded(job.status) || job.attempt >= attempt) return
      fail(
        `${by?.name} deleted the message of attempt ${attempt} of ${world.nameOf(jobId)}, ${job.status}`,
      )
    },
  }),
}

export const endsAreTold: Invariant = {
  name: 'ends-are-told',
  sentence: 'the end of a job is told only when it stands, and as it stands',
  watch: (world, fail) => ({
    onSend({ queue, body }) {
      if (queue !== 'output') return
      const { kind, id, jobId, status, reason } = JSON.parse(body) as EndMessage
      if (kind !== 'end') return
      const job = world.jobs().find((each) => each.id === jobId)
      const name = world.nameOf(jobId)
      if (job === undefined || !isEnded(job.status))
        fail(`the end of ${name} is told before it stands`)
      else if (job.status !== status || job.end?.reason !== reason) {
        fail(`${name} is ${job.status}, and ${status} was told`)
      } else if (id !== `${jobId}:${job.attempt}:end`) fail(`the end of ${name} is called ${id}`)
    },
  }),
}

export const everyJobEnds: Invariant = {
  name: 'every-job-ends',
  sentence: 'every accepted job reaches an end, and its end is told',
  watch: (world, fail) => {
    const told = new Set<string>()
    return {
      onSend({ queue, body }) {
        const { kind, jobId } = JSON.parse(body) as Partial<EndMessage>
        if (queue === 'output' && kind === 'end') told.add(jobId ?? '')
      },
      atEnd() {
        for (const { id, status, notifyAt } of world.jobs()) {
          const name = world.nameOf(id)
          if (!isEnded(status)) fail(`${name} is still ${status}`)
          else if (!told.has(id)) fail(`nobody was told how ${name} ended`)
          else if (notifyAt !== undefined) fail(`the end of ${name} is told for ever`)
        }
      },
    }
  },
}
