import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { writeDurably } from './write-durably.ts'

/** Writes a file beside its place and then renames it: readers see the old one or the new one. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const whole = `${path}.${randomUUID()}`
  try {
    writeDurably(whole, content)
    renameSync(whole, path)
  } finally {
    rmSync(whole, { force: true })
  }
}
