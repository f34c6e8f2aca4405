import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { defineFilesContract } from '../contracts/files-contract.ts'
import { defineQueuesContract } from '../contracts/queues-contract.ts'
import { defineTableContract } from '../contracts/table-contract.ts'
import { openTemporary } from './sqlite/open-temporary.ts'
import { openWithLinks } from './folder/serve-links.ts'

defineTableContract('a SQLite file', async () => {
  const { table, close } = await openTemporary()
  return { port: table, close }
})

defineTableContract('SQLite in memory', async () => {
  const { table, close } = openEmbedded({ stateDir: ':memory:', clock: systemClock })
  return { port: table, close }
})

defineQueuesContract('a SQLite file', async ({ maxReceives }) => {
  const { queues, close } = await openTemporary({ maxReceives })
  return { port: queues, close }
})

defineFilesContract('a folder', async () => {
  const { files, close } = await openWithLinks()
  return { port: files, close }
})
