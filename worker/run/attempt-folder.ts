import { chmod, chown, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskType } from '../../lib/job/job.ts'
import type { JobUser } from '../../lib/service/service.ts'
import { giveFolder } from './folders/give-folder.ts'

/** Its user gets through to its own folders, and sees nothing on the way. */
const PASSED_THROUGH = 0o711

/** The folders of one attempt on this machine; removed when it has ended. */
export interface AttemptFolder {
  readonly root: string
  /** The command's working folder, empty at the start. */
  readonly workDir: string
  readonly artifactsDir: string
  readonly checkpointDir: string
  readonly inputFile: string
  /** Where the command has a user of its own, which has no home in the image. */
  readonly homeDir?: string
}

/** `<work root>/<worker>.<pid>`: a later worker can tell that its owner is gone. */
export function workerFolder(workRoot: string, workerId: string): string {
  return join(workRoot, `${workerId.replaceAll(/[^\w-]/g, '_')}.${process.pid}`)
}

/** A query needs none of the folders inside, only the place for its input and its answer. */
export async function makeAttemptFolder(
  parent: string,
  { name, taskType, user }: { name: string; taskType: TaskType; user?: JobUser | undefined },
): Promise<AttemptFolder> {
  const root = join(parent, name)
  const folder: AttemptFolder = {
    root,
    workDir: join(root, 'work'),
    artifactsDir: join(root, 'artifacts'),
    checkpointDir: join(root, 'checkpoint'),
    inputFile: join(root, 'input'),
    ...(user !== undefined && { homeDir: join(root, 'home') }),
  }
  await rm(root, { recursive: true, force: true })
  // The input and what comes of it are nobody else's business on this machine.
  await mkdir(root, { recursive: true, mode: 0o700 })
  if (taskType === 'command') {
    await mkdir(folder.workDir)
    await mkdir(folder.artifactsDir)
    await mkdir(folder.checkpointDir)
    if (folder.homeDir !== undefined) await mkdir(folder.homeDir)
  }
  return folder
}

/**
 * What the user of a command may change or read; the rest of its attempt stays the worker's. Until
 * all of it is given nobody gets in: commands of other users may run, and it is none of theirs.
 */
export async function giveToUser(folder: AttemptFolder, user: JobUser): Promise<void> {
  const { root, workDir, artifactsDir, checkpointDir, homeDir, inputFile } = folder
  for (const each of [workDir, artifactsDir, checkpointDir, homeDir]) {
    if (each !== undefined) await giveFolder(each, user)
  }
  await chown(inputFile, user.uid, user.gid)
  await chmod(inputFile, 0o400)
  await chmod(root, PASSED_THROUGH)
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
