import type { Client } from '../../lib/client/client.ts'
import type { Arena } from './arena.ts'

/** What clients, watchers and those who kill workers need of the service under test, wherever it runs. */
export type Stage = Pick<
  Arena,
  | 'ledger'
  | 'timing'
  | 'effectsFile'
  | 'workersFile'
  | 'outages'
  | 'address'
  | 'fault'
  | 'beginOutage'
> & { readonly service: { readonly client: Client } }
