import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskType } from '../lib/core/job/job.ts'

/** The folders of one attempt on this machine; removed when it has ended. */
export interface AttemptFolder {
  readonly root: string
  /** The command's working folder, empty at the start. */
  readonly workDir: string
  readonly artifactsDir: string
  readonly checkpointDir: string
  readonly inputFile: string
}

/** `<work root>/<worker>.<pid>`: a later worker can tell that its owner is gone. */
export function workerFolder(workRoot: string, workerId: string): string {
  return join(workRoot, `${workerId.replaceAll(/[^\w-]/g, '_')}.${process.pid}`)
}

/** A query needs none of the folders inside, only the place for its input and its answer. */
export async function makeAttemptFolder(
  parent: string,
  { name, taskType }: { name: string; taskType: TaskType },
): Promise<AttemptFolder> {
  const root = join(parent, name)
  const folder: AttemptFolder = {
    root,
    workDir: join(root, 'work'),
    artifactsDir: join(root, 'artifacts'),
    checkpointDir: join(root, 'checkpoint'),
    inputFile: join(root, 'input'),
  }
  await rm(root, { recursive: true, force: true })
  // The input and what comes of it are nobody else's business on this machine.
  await mkdir(root, { recursive: true, mode: 0o700 })
  if (taskType === 'command') {
    await mkdir(folder.workDir)
    await mkdir(folder.artifactsDir)
    await mkdir(folder.checkpointDir)
  }
  return folder
}

/** Never fails: what cannot be removed now is removed by the next worker. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
}

/** Removes what workers left behind that were killed. */
export async function removeOrphanedFolders(workRoot: string): Promise<void> {
  await mkdir(workRoot, { recursive: true })
  for (const name of await readdir(workRoot)) {
    const pid = /\.(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) await removeFolder(join(workRoot, name))
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
