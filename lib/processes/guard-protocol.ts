/**
 * What worker and guard say to each other: one JSON object a line, orders on the guard's standard
 * input, reports on its file descriptor 3. The guard's own standard output and error are the pipes
 * that the command inherits, so the guard is never in the path of the data.
 */

import type { JobUser } from '../service/service.ts'

/** File descriptor on which the guard reports. */
export const REPORT_FD = 3

/**
 * Set in the environment of everything a guard starts. Processes that left the process group
 * (`setsid`, daemons) are found by it, so that nothing of an attempt is left behind.
 */
export const MARK_ENV = 'SCALABLE_JOB_GUARD'

export interface RunOrder {
  readonly do: 'run'
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly mark: string
  /** The user that the command runs as; absent: the guard's own. Nothing else may run as this user. */
  readonly user?: JobUser
  /** Where the guard notes what it started (`group-record.ts`); absent where nobody reads it. */
  readonly recordFile?: string
  readonly leaseUntilMs: number
}

export type GuardOrder =
  | RunOrder
  /** The group may live until then, on the machine's monotonic clock (see `monotonic.ts`). */
  | { readonly do: 'beat'; readonly leaseUntilMs: number }
  /** SIGTERM to the whole group now, SIGKILL after the grace. */
  | { readonly do: 'stop'; readonly graceMs: number }

/**
 * Why the group ended; the first reason wins.
 * - exit: the command ended by itself
 * - stop: the worker ordered it
 * - lease: no beat came in time
 * - worker-gone: the worker's end of the pipe was closed
 */
export type EndCause = 'exit' | 'stop' | 'lease' | 'worker-gone'

export interface GoneReport {
  readonly is: 'gone'
  readonly cause: EndCause
  readonly exitCode: number | null
  readonly signal: string | null
  /** Background processes outlived the command and were ended. */
  readonly hadLeftovers: boolean
}

export type GuardReport =
  /** The leader of the group; `start` says when it started (`read-process.ts`). */
  | { readonly is: 'started'; readonly pid: number; readonly start: string }
  | { readonly is: 'start-failed'; readonly message: string }
  /** The guard could not do its part, so nothing was run. */
  | { readonly is: 'guard-failed'; readonly message: string }
  /** Nothing of the group runs any more. */
  | GoneReport

/** How long background processes may outlive a command that ended by itself, after SIGTERM. */
export const LEFTOVER_GRACE_MS = 2000
