/** The output of workers: one file a task, bounded, removed an hour after its last line. */
import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

const MAX_BYTES = 64 * 1024 * 1024
const KEEP_MS = 3_600_000
const NAME = /^worker-(.+)\.log$/

export function makeLogFolder(stateDir: string): string {
  const folder = join(stateDir, 'logs')
  mkdirSync(folder, { recursive: true })
  return folder
}

export function taskLogFile(folder: string, taskId: string): string {
  return join(folder, `worker-${taskId}.log`)
}

/**
 * Empties files that have grown too long, leaving a line that says how much was cut (workers write
 * at the end of the file wherever that is, so they just go on), and removes those of tasks that are
 * gone.
 */
export function tidyLogs(
  folder: string,
  { present, nowMs }: { present: ReadonlySet<string>; nowMs: number },
): void {
  for (const name of readdirSync(folder)) {
    const taskId = NAME.exec(name)?.[1]
    if (taskId === undefined) continue
    const file = join(folder, name)
    const { size, mtimeMs } = statSync(file)
    if (!present.has(taskId) && nowMs - mtimeMs > KEEP_MS) rmSync(file, { force: true })
    else if (size > MAX_BYTES) cut(file, { size, nowMs })
  }
}

function cut(file: string, { size, nowMs }: { size: number; nowMs: number }): void {
  truncateSync(file)
  const line = {
    time: new Date(nowMs).toISOString(),
    level: 'warn',
    message: 'log cut here',
    // The worker may have written more between the two steps.
    atLeastBytes: size,
  }
  appendFileSync(file, `${JSON.stringify(line)}\n`)
}
