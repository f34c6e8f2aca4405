import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe } from 'vitest'
import { S3Files } from '../../../lib/adapters/aws/s3/s3-files.ts'
import type { ContractOptions } from '../../contracts/define-contract.ts'
import { defineFilesContract } from '../../contracts/files-contract.ts'
import { type Emulator, type EmulatorName, hasEmulators, startEmulator } from './emulator.ts'
import { storeAt } from './store-at.ts'

interface Oracle extends ContractOptions {
  readonly name: EmulatorName
}

const ANY_SIZE = 'a signed PUT of S3 binds an exact length or none; takers of inputs check the size'
const NO_SIGNATURES = 'S3 checks signature and expiry of a link, this emulator neither'

const ORACLES: Oracle[] = [
  {
    name: 'ministack',
    skips: { 'an upload link refuses a file with more than its bytes': ANY_SIZE },
  },
  {
    name: 'moto',
    skips: {
      'an upload link refuses a file with more than its bytes': ANY_SIZE,
      'a download link of an absent file answers 404':
        'S3 answers 404 to a signer that may list the bucket, this emulator always 403',
      'a link serves its own method only': NO_SIGNATURES,
      'a link serves its own file only': NO_SIGNATURES,
      'a link ends after its time': NO_SIGNATURES,
    },
  },
]

describe.skipIf(!hasEmulators).each(ORACLES)('$name', ({ name, skips = {} }) => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator(name)
    const client = new S3Client({ region: 'us-east-1', endpoint: emulator.endpoint })
    await client.send(new CreateBucketCommand({ Bucket: 'files' }))
    client.destroy()
  })
  afterAll(() => emulator.stop())

  defineFilesContract(
    `S3 of ${name}`,
    async () => {
      const settings = storeAt(emulator.endpoint)
      const files = new S3Files({ settings, newToken: () => randomUUID() })
      return { port: files, close: () => files.close() }
    },
    { skips },
  )
})
