import { finish, finishInSlices } from './in-slices.ts'
import type { ProcessGroup } from './process-group.ts'
import type { ProcessRow } from './read-process.ts'

export interface EndOptions {
  /** Whether what is left is killed at this look; until then it may go by itself. */
  readonly mayKill: () => boolean
  /**
   * How many looks in a row must find nothing. One is enough for a process that has followed the
   * group since it began; another may meet a process that is just replacing its program, and shows
   * no environment for a moment, or one that forks and exits.
   */
  readonly emptyLooks: number
  readonly firstPollMs: number
  /** The time between looks grows up to this. */
  readonly maxPollMs: number
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>
  /** In one go, or with pauses in which this process serves others. */
  readonly pace: 'at-once' | 'in-slices'
  /** Runs before each look. */
  readonly prepare?: () => Promise<void>
  /** What a look has found, while there is something. */
  readonly onLeft?: (left: readonly ProcessRow[]) => void
  /** A look that failed tells nothing, and is made again. */
  readonly onFault?: (error: unknown) => void
  /** Gives up. */
  readonly signal?: AbortSignal
}

/**
 * The one way to end a group: looks until nothing of it runs, and kills what is left once that may
 * be.
 *
 * @returns `true` once nothing of the group runs on this machine; `false` when it was told to give
 *   up before (a process that hangs in the kernel cannot be killed)
 */
export async function endGroup(group: ProcessGroup, options: EndOptions): Promise<boolean> {
  const { emptyLooks, firstPollMs, maxPollMs, sleep, signal } = options
  let pollMs = firstPollMs
  for (let empty = 0; ; pollMs = Math.min(pollMs * 1.5, maxPollMs)) {
    const left = await look(group, options)
    empty = left?.length === 0 ? empty + 1 : 0
    if (empty >= emptyLooks) return true
    if (left !== undefined && left.length > 0) options.onLeft?.(left)
    if (signal?.aborted === true) return false
    await sleep(pollMs, signal)
  }
}

async function look(group: ProcessGroup, options: EndOptions): Promise<ProcessRow[] | undefined> {
  try {
    await options.prepare?.()
    const work = options.mayKill() ? group.kill() : group.look()
    return options.pace === 'at-once' ? finish(work) : await finishInSlices(work)
  } catch (error) {
    options.onFault?.(error)
    return undefined
  }
}
