import type { Clock } from '../../lib/ports/clock.ts'
import type { Files } from '../../lib/ports/files.ts'
import type { JobCredentials } from '../../lib/ports/job-credentials.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import type { Table } from '../../lib/ports/table.ts'
import type { StoreSettings } from '../../lib/adapters/aws/aws-settings.ts'

/**
 * Which store a worker uses. Plain data, because the beat thread gets a copy and opens a connection
 * of its own from it.
 */
export type WorkerStoreSettings =
  | { readonly backend: 'embedded'; readonly stateDir: string }
  | ({ readonly backend: 'aws' } & StoreSettings)

export interface Store {
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  close(): Promise<void>
}

/** A beat that takes longer is worth nothing; the next one goes out beside it. */
const BEAT_LIMITS = { tryMs: 1000, callMs: 3000, maxTries: 3 }

/**
 * Opens the adapters that the settings name and loads only those, so that one machine needs
 * no AWS SDK.
 */
export async function openStore(
  settings: WorkerStoreSettings,
  clock: Clock,
  use: 'work' | 'beats' = 'work',
): Promise<Store> {
  if (settings.backend === 'embedded') {
    const { openEmbedded } = await import('../../lib/adapters/open-embedded.ts')
    return openEmbedded({ stateDir: settings.stateDir, clock })
  }
  const { openAwsStore } = await import('../../lib/adapters/aws/open-aws.ts')
  return openAwsStore({ ...settings, ...(use === 'beats' && { limits: { table: BEAT_LIMITS } }) })
}

/** Sessions of this role for the programs of a worker. */
export async function openJobCredentials(jobRoleArn: string): Promise<JobCredentials> {
  const { StsJobCredentials } = await import('../../lib/adapters/aws/sts/sts-job-credentials.ts')
  return new StsJobCredentials({}, jobRoleArn)
}
