import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from '../arena.ts'
import type { Random } from '../../support/random.ts'

/** Another connection holds an open write transaction, for up to half of a lease. */
export async function lockDatabase(arena: Arena, random: Random): Promise<void> {
  const path = join(arena.service.stateDir, 'state.sqlite')
  const connection = new DatabaseSync(path, { timeout: 2000 })
  try {
    connection.exec('BEGIN IMMEDIATE')
  } catch {
    connection.close() // It was busy for the whole time.
    return
  }
  arena.fault('database: locked by another')
  // Meanwhile no look can write what it decides.
  const ends = [arena.beginOutage('troubled'), arena.beginOutage('away')]
  await sleep(random.int(100, (arena.timing.lease_seconds.query * 1000) / 2))
  connection.close() // what was begun is rolled back
  for (const end of ends) end()
}
