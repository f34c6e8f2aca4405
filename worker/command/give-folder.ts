import { chmod, lchown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobUser } from '../../lib/service/service.ts'

const OF_ITS_OWNER_ALONE = 0o700

/** Makes a folder, and all that is in it, the user's own. Nobody else may change it meanwhile. */
export async function giveFolder(folder: string, { uid, gid }: JobUser): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid)
  }
  await lchown(folder, uid, gid)
  await chmod(folder, OF_ITS_OWNER_ALONE)
}
