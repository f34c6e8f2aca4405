import { join, resolve } from 'node:path'
import { makePrivateFolder } from './make-private-folder.ts'

/** The folders and files of the embedded service. */
export interface LocalFolders {
  readonly state: string
  /** Working folders of attempts; removed when they end. */
  readonly work: string
  /** The serialised service of each worker version that may still run. */
  readonly versions: string
  /** The bundled worker that the supervisor starts. */
  readonly workerProgram: string
  /** Uploads that are under way. */
  readonly uploads: string
  readonly tokenFile: string
  readonly linkSecretFile: string
  /** Address and token for the command line, while the service runs. */
  readonly addressFile: string
}

/**
 * Makes the folders, readable by their owner only: they hold the token and what users submit. The
 * folder above must be there.
 *
 * @throws ServiceError `unusable-state` when the folder cannot be one
 */
export function makeLocalFolders(stateDir: string): LocalFolders {
  const state = resolve(stateDir)
  const folders: LocalFolders = {
    state,
    work: join(state, 'work'),
    versions: join(state, 'versions'),
    workerProgram: join(state, 'worker-program'),
    uploads: join(state, 'uploads'),
    tokenFile: join(state, 'token'),
    linkSecretFile: join(state, 'link-secret'),
    addressFile: join(state, 'address.json'),
  }
  const { work, versions, workerProgram, uploads } = folders
  for (const folder of [state, work, versions, workerProgram, uploads]) makePrivateFolder(folder)
  return folders
}
