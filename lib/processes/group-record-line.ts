/**
 * What a guard writes down of the processes that it started, for whoever has to end them should
 * worker and guard be killed at one moment: one line each, first the leader of the session, then
 * those that left it. Lines are only added, so that a kill spoils the last one at most.
 */

/** A process; a pid alone names nobody for long, a pid with its start time does. */
export interface RecordedProcess {
  readonly pid: number
  /** Boot of the machine and clock ticks since then; compared for equality only. */
  readonly start: string
}

/** `bootId` is the text of `/proc/sys/kernel/random/boot_id`. */
export function toStart(bootId: string, startTicks: string): string {
  return `${bootId.trim()}:${startTicks}`
}

export function toRecordLine({ pid, start }: RecordedProcess): string {
  return `${pid} ${start}\n`
}

/** A line that a kill cut off, or that is none of ours, is left out. */
export function parseRecordLines(text: string): RecordedProcess[] {
  return [...text.matchAll(/^([1-9]\d*) (\S+)\n/gm)].map(([, pid, start = '']) => {
    return { pid: Number(pid), start }
  })
}
