/** What the service did to its workers, as a module inside of it noted (preload/service.ts). */
import { readFileSync } from 'node:fs'
import { readEnvironment } from '../../../lib/processes/read-process.ts'

interface WorkerIds {
  readonly pid: number
  readonly taskId: string
  readonly workerId: string
}

export type WorkerRecord = WorkerIds & { readonly at: number } & (
    | { readonly what: 'start' }
    | { readonly what: 'exit' }
    | { readonly what: 'signal'; readonly signal: string }
  )

export function readWorkerRecords(file: string): WorkerRecord[] {
  return readIfThere(file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WorkerRecord)
}

/** Workers that have started and are still there, oldest first. */
export function livingWorkers(file: string): WorkerIds[] {
  const starts = readWorkerRecords(file).filter(({ what }) => what === 'start')
  return starts.filter(({ pid, taskId }) => {
    return readEnvironment(pid).includes(`SCALABLE_JOB_TASK_ID=${taskId}`)
  })
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
