import type { JobUser } from '../../lib/service/service.ts'

/**
 * The users of the commands that run in a worker: the one that the service names, and those with the
 * numbers after it, one for each slot. So no two commands at a time are the same user, and whatever
 * runs as a user belongs to its command.
 */
export class JobUsers {
  readonly #free: JobUser[] | undefined

  /** @param first absent: commands run as the worker itself */
  constructor(first: JobUser | undefined, slots: number) {
    if (first === undefined) return
    const { uid, gid } = first
    this.#free = Array.from({ length: slots }, (_, index) => ({ uid: uid + index, gid }))
  }

  /** @throws Error when all are taken: nothing may run as the worker instead */
  take(): JobUser | undefined {
    if (this.#free === undefined) return undefined
    const user = this.#free.shift()
    if (user === undefined) throw new Error('no user is free for this command')
    return user
  }

  giveBack(user: JobUser | undefined): void {
    if (user !== undefined) this.#free?.unshift(user)
  }
}

/** Why commands cannot run as another user here, or nothing. */
export function whyNoOtherUser(wanted: JobUser | undefined): string | undefined {
  const own = process.getuid?.()
  if (wanted === undefined || own === 0) return undefined
  return `scalable_job.job_user needs an image whose user is root, and this one's is ${own ?? 'unknown'}`
}
