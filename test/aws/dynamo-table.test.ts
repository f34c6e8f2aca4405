import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { DynamoTable } from '../../lib/aws/dynamo-table.ts'
import { defineTableContract } from '../contracts/table-contract.ts'
import { createTable } from './create-table.ts'
import { type Emulator, type EmulatorName, hasEmulators, startEmulator } from './emulator.ts'
import { storeAt } from './store-at.ts'

const ORACLES: EmulatorName[] = ['ministack', 'moto']

describe.skipIf(!hasEmulators).each(ORACLES)('%s', (name) => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator(name)
    await createTable(emulator.endpoint)
  })
  afterAll(() => emulator.stop())

  defineTableContract(`DynamoDB of ${name}`, async () => {
    const settings = storeAt(emulator.endpoint)
    const table = new DynamoTable({ settings, newToken: () => randomUUID() })
    return { port: table, close: () => table.close() }
  })
})
