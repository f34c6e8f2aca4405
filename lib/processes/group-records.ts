/** The records that the guards of a task keep (`lib/processes/group-record-line.ts`), one file a guard. */
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRecordLines, type RecordedProcess } from './group-record-line.ts'

export function groupFolderOf(parent: string, taskId: string): string {
  return join(parent, taskId)
}

export function makeGroupFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

/** @throws the fault, when a record is there but cannot be read: that is not "nothing runs" */
export async function readGroups(folder: string): Promise<RecordedProcess[]> {
  const names = (await unlessAbsent(readdir(folder))) ?? []
  const texts = names.map((name) => unlessAbsent(readFile(join(folder, name), 'latin1')))
  return (await Promise.all(texts)).flatMap((text) => parseRecordLines(text ?? ''))
}

/** Never fails: a record of what is gone does no harm. */
export async function removeGroups(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
