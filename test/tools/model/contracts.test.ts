import { defineFilesContract } from '../../contracts/files-contract.ts'
import { FILE_LINK_PROMISES } from '../../contracts/files-link-promises.ts'
import { defineQueuesContract } from '../../contracts/queues-contract.ts'
import { defineTableContract } from '../../contracts/table-contract.ts'
import { openGate } from '../../../tools/model/world/gate.ts'
import { FileState, MemoryFiles } from '../../../tools/model/world/memory-files.ts'
import { MemoryQueues } from '../../../tools/model/world/memory-queues.ts'
import { MemoryTable } from '../../../tools/model/world/memory-table.ts'
import { QueueState } from '../../../tools/model/world/queue-state.ts'
import { TableState } from '../../../tools/model/world/table-state.ts'

const close = (): Promise<void> => Promise.resolve()

defineTableContract('rows in memory', () =>
  Promise.resolve({ port: new MemoryTable(new TableState(), openGate), close }),
)

defineQueuesContract('messages in memory', ({ maxReceives }) => {
  const state = new QueueState(() => Date.now(), maxReceives)
  const monotonicMs = (): number => performance.now()
  return Promise.resolve({ port: new MemoryQueues(state, { gate: openGate, monotonicMs }), close })
})

const WHY = 'nothing of the model fetches a link'

defineFilesContract(
  'files in memory',
  () =>
    Promise.resolve({ port: new MemoryFiles(new FileState(), openGate, () => Date.now()), close }),
  { skips: Object.fromEntries(Object.keys(FILE_LINK_PROMISES).map((title) => [title, WHY])) },
)
