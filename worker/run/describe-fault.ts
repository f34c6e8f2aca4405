import { getSystemErrorMessage } from 'node:util'

const MAX_CAUSES = 5

/**
 * A fault of this machine or of a store, in words for the job's owner: the operating system's own
 * name of it where there is one (`ENOSPC`, no space left on device). Details are in the worker's log.
 */
export function describeFault(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  const fault = findSystemFault(error)
  if (fault?.code === undefined) return said
  if (said.includes(fault.code)) return said
  const what = fault.errno === undefined ? '' : ` (${getSystemErrorMessage(fault.errno)})`
  return `${said}: ${fault.code}${what}`
}

/** An adapter keeps the operating system's error as a cause of its own. */
function findSystemFault(error: unknown): NodeJS.ErrnoException | undefined {
  let cause = error
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth += 1) {
    const fault = cause as NodeJS.ErrnoException
    if (fault.syscall !== undefined && fault.code !== undefined) return fault
    cause = cause.cause
  }
  return undefined
}
