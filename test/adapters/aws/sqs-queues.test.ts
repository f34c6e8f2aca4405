import { afterAll, beforeAll, describe } from 'vitest'
import { SqsQueues } from '../../../lib/adapters/aws/sqs/sqs-queues.ts'
import type { ContractOptions } from '../../contracts/define-contract.ts'
import { defineQueuesContract } from '../../contracts/queues-contract.ts'
import { createQueues } from './create-queues.ts'
import { type Emulator, type EmulatorName, hasEmulators, startEmulator } from './emulator.ts'
import { storeAt } from './store-at.ts'

interface Oracle extends ContractOptions {
  readonly name: EmulatorName
  readonly maxMessageBytes: number
}

const ORACLES: Oracle[] = [
  {
    name: 'ministack',
    maxMessageBytes: 262_144,
    skips: {
      'a message may have 1 MiB and not more':
        'SQS takes 1 MiB since 2025, this emulator 256 KiB: MaximumMessageSize',
      'large messages are sent at once too':
        'SQS takes 1 MiB since 2025, this emulator 256 KiB: MaximumMessageSize',
    },
  },
  { name: 'moto', maxMessageBytes: 1_048_576 },
]

describe.skipIf(!hasEmulators).each(ORACLES)('$name', ({ name, maxMessageBytes, skips = {} }) => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator(name)
  })
  afterAll(() => emulator.stop())

  defineQueuesContract(
    `SQS of ${name}`,
    async ({ maxReceives }) => {
      const { endpoint } = emulator
      const queueUrls = await createQueues(endpoint, { maxReceives, maxMessageBytes })
      const queues = new SqsQueues(storeAt(endpoint, { queueUrls }))
      return { port: queues, close: () => queues.close() }
    },
    { skips },
  )
})
