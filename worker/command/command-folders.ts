import { chmod, chown, mkdir, lchown, readdir } from 'node:fs/promises'
import type { JobUser } from '../../lib/service/service.ts'
import type { AttemptFolder } from '../run/attempt-folder.ts'
import { join } from 'node:path'

/** The user can pass through to its own folders, but cannot list or read what else is there. */
const PASSED_THROUGH = 0o711
const OF_ITS_OWNER_ALONE = 0o700

/** What a command finds below the attempt's folder; its home only where it is another user. */
export async function makeCommandFolders(
  { workDir, artifactsDir, checkpointDir, homeDir }: AttemptFolder,
  user: JobUser | undefined,
): Promise<void> {
  for (const each of [workDir, artifactsDir, checkpointDir]) await mkdir(each)
  if (user !== undefined) await mkdir(homeDir)
}

/**
 * What the user of a command may change or read; the rest of its attempt stays the worker's. Until
 * all of it is given, no other user can enter: commands of other users may be running beside it.
 */
export async function giveToUser(folder: AttemptFolder, user: JobUser): Promise<void> {
  const { root, workDir, artifactsDir, checkpointDir, homeDir, inputFile } = folder
  for (const each of [workDir, artifactsDir, checkpointDir, homeDir]) await giveFolder(each, user)
  await chown(inputFile, user.uid, user.gid)
  await chmod(inputFile, 0o400)
  await chmod(root, PASSED_THROUGH)
}

/** Makes a folder, and all that is in it, the user's own. Nobody else may change it meanwhile. */
async function giveFolder(folder: string, { uid, gid }: JobUser): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid)
  }
  await lchown(folder, uid, gid)
  await chmod(folder, OF_ITS_OWNER_ALONE)
}
