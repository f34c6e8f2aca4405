import { readdirSync, readlinkSync } from 'node:fs'

/** The paths that this process has open now. */
export function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // closed meanwhile
    }
  })
}
