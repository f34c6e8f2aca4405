/** One process as Linux tells of it in `/proc/<pid>/stat`. */
export interface ProcessStat {
  readonly pid: number
  readonly parentPid: number
  readonly groupPid: number
  readonly sessionPid: number
  /** Clock ticks from the boot of the machine to its start, in decimal. */
  readonly startTicks: string
}

/**
 * The text of `/proc/<pid>/stat`; nothing for a zombie, of which nothing runs any more. The name in
 * parentheses may itself hold spaces and parentheses. Source: proc_pid_stat(5).
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parentPid, groupPid, sessionPid] = fields
  const startTicks = fields[19]
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined
  return {
    pid: Number.parseInt(text, 10),
    parentPid: Number(parentPid),
    groupPid: Number(groupPid),
    sessionPid: Number(sessionPid),
    startTicks,
  }
}
