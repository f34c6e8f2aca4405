import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeDurably } from './write-durably.ts'

/**
 * Replaces a file as a whole and durably: readers see the old one or the new one, also after a
 * power cut. Only its owner may read it. Synchronous, so that what follows may rely on it.
 *
 * @throws the operating system's fault; the old file stands then
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  // No other process uses this name; one that was killed here left it behind.
  const whole = `${path}.${process.pid}.new`
  try {
    rmSync(whole, { force: true })
    writeDurably(whole, content)
    renameSync(whole, path)
    syncFolder(dirname(path))
  } finally {
    rmSync(whole, { force: true })
  }
}

/** The new name of a file is on the disk only once its folder is. */
function syncFolder(folder: string): void {
  const open = openSync(folder, 'r')
  try {
    fsyncSync(open)
  } finally {
    closeSync(open)
  }
}
