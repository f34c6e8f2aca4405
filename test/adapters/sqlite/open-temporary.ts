import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Embedded,
  openEmbedded,
  type OpenEmbeddedOptions,
} from '../../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'

export interface TemporaryStores extends Embedded {
  readonly stateDir: string
}

/** The embedded stores in a folder of their own, which goes when they are closed. */
export async function openTemporary(
  options: Partial<OpenEmbeddedOptions> = {},
): Promise<TemporaryStores> {
  const stateDir = await mkdtemp(join(tmpdir(), 'stores-'))
  const embedded = openEmbedded({ stateDir, clock: systemClock, ...options })
  return {
    ...embedded,
    stateDir,
    close: async () => {
      await embedded.close()
      await rm(stateDir, { recursive: true })
    },
  }
}
