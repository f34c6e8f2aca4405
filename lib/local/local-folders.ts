import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where the embedded service keeps what it must not lose, and what it may. */
export interface LocalFolders {
  readonly state: string
  /** Working folders of attempts; removed when they end. */
  readonly work: string
  /** service.json of each worker version that may still run. */
  readonly versions: string
  /** Uploads that are under way. */
  readonly uploads: string
  readonly tokenFile: string
  readonly linkSecretFile: string
  /** Address and token for the command line, while the service runs. */
  readonly addressFile: string
}

export function makeLocalFolders(stateDir: string): LocalFolders {
  const state = resolve(stateDir)
  const folders: LocalFolders = {
    state,
    work: join(state, 'work'),
    versions: join(state, 'versions'),
    uploads: join(state, 'uploads'),
    tokenFile: join(state, 'token'),
    linkSecretFile: join(state, 'link-secret'),
    addressFile: join(state, 'address.json'),
  }
  for (const folder of [folders.state, folders.work, folders.versions, folders.uploads]) {
    // 0700: the folder holds the token and what users submit.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  return folders
}
