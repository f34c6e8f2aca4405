import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { DynamoTable } from '../../../lib/adapters/aws/dynamodb/dynamo-table.ts'
import { defineTableContract } from '../../contracts/table-contract.ts'
import { createTable } from './create-table.ts'
import { type Emulator, type EmulatorName, hasEmulators, startEmulator } from './emulator.ts'
import { storeAt } from './store-at.ts'

const ORACLES: {
  readonly name: EmulatorName
  readonly skips?: Readonly<Record<string, string>>
}[] = [
  { name: 'ministack' },
  {
    name: 'moto',
    skips: {
      'of two writes that share a row only one happens, and wholly':
        'where a transaction is refused, moto takes back what others wrote meanwhile',
    },
  },
]

describe.skipIf(!hasEmulators).each(ORACLES)('$name', ({ name, skips = {} }) => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator(name)
    await createTable(emulator.endpoint)
  })
  afterAll(() => emulator.stop())

  defineTableContract(
    `DynamoDB of ${name}`,
    async () => {
      const settings = storeAt(emulator.endpoint)
      const table = new DynamoTable({ settings, newToken: () => randomUUID() })
      return { port: table, close: () => table.close() }
    },
    { skips },
  )
})
