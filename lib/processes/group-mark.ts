import type { ProcessIdentity } from './read-process.ts'

/** How the processes of one command, or of one worker with all that it runs, are known. */
export interface GroupMark {
  /** `NAME=value`: in the environment of each process that has not dropped it. */
  readonly variable: string
  /** Processes that belong to it for certain, and whose sessions do: the first one, and recorded ones. */
  readonly leaders: readonly ProcessIdentity[]
  /** The user that only the group runs as, where it has one of its own. */
  readonly uid?: number | undefined
  /** Files, as `device:inode`, that nobody but the group writes to. */
  readonly outputs?: readonly string[]
}
