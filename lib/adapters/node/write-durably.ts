import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs'

/** Writes a new file that only its owner may read, and returns once it is on the disk. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
