import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from '../../lib/job/job.ts'

/** The paths of one attempt on this machine; all are below `root`, which goes when it has ended. */
export interface AttemptFolder {
  readonly root: string
  readonly inputFile: string
  /** Of a query: what the model server answered. */
  readonly answerFile: string
  /** The command's working folder, empty at the start. */
  readonly workDir: string
  readonly artifactsDir: string
  readonly checkpointDir: string
  /** Where the command has a user of its own, which has no home in the image. */
  readonly homeDir: string
}

/** `<work root>/<worker>.<pid>`: a later worker can tell that its owner is gone. */
export function workerFolder(workRoot: string, workerId: string): string {
  return join(workRoot, `${workerId.replaceAll(/[^\w-]/g, '_')}.${process.pid}`)
}

/** @param parent the worker's own folder */
export function attemptFolder(parent: string, { id, attempt }: Job): AttemptFolder {
  const root = join(parent, `${id}-${attempt}`)
  return {
    root,
    inputFile: join(root, 'input'),
    answerFile: join(root, 'answer'),
    workDir: join(root, 'work'),
    artifactsDir: join(root, 'artifacts'),
    checkpointDir: join(root, 'checkpoint'),
    homeDir: join(root, 'home'),
  }
}

/** Makes it anew and empty. Other users of this machine must not read input or results. */
export async function makeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Never fails: what cannot be removed now is removed by the next worker. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
}

/** Removes the folders of workers that were killed. */
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
