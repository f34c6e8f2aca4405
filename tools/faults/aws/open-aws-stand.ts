import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { StoreSettings } from '../../../lib/adapters/aws/aws-settings.ts'
import { MAX_RECEIVES } from '../../../lib/ports/queues.ts'
import { createQueues } from '../../../test/adapters/aws/create-queues.ts'
import { createTable } from '../../../test/adapters/aws/create-table.ts'
import { type Emulator, startEmulator } from '../../../test/adapters/aws/emulator.ts'
import { storeAt } from '../../../test/adapters/aws/store-at.ts'
import { FaultPlan, type PlannedFault } from './fault-plan.ts'
import {
  type FaultingProxy,
  type FaultingProxyOptions,
  startFaultingProxy,
} from './faulting-proxy.ts'

/** What MiniStack takes; SQS takes 1 MiB. */
const MAX_MESSAGE_BYTES = 262_144

/** Table, queues and bucket of one service on an emulator, some faults away. */
export interface AwsStand {
  /** Past all faults: what is really so. */
  readonly direct: StoreSettings
  /** Through a proxy of its own, until the stand is closed. */
  behind(
    seed: number,
    faults: readonly PlannedFault[],
    more?: Partial<FaultingProxyOptions>,
  ): Promise<FaultyWay>
  close(): Promise<void>
}

export interface FaultyWay {
  readonly settings: StoreSettings
  readonly plan: FaultPlan
  readonly proxy: FaultingProxy
}

export async function openAwsStand(): Promise<AwsStand> {
  const emulator = await startEmulator('ministack')
  const proxies: FaultingProxy[] = []
  const close = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.stop()))
    await emulator.stop()
  }
  try {
    const direct = await createStore(emulator)
    const behind: AwsStand['behind'] = async (seed, faults, more) => {
      const plan = new FaultPlan(seed, faults)
      const upstreamOf = () => emulator.endpoint
      const proxy = await startFaultingProxy({ plan, upstreamOf, ...more })
      proxies.push(proxy)
      return { settings: { ...direct, endpoint: proxy.endpoint }, plan, proxy }
    }
    return { direct, behind, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function createStore({ endpoint }: Emulator): Promise<StoreSettings> {
  await createTable(endpoint)
  const s3 = new S3Client({ region: 'us-east-1', endpoint })
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }))
  s3.destroy()
  const limits = { maxReceives: MAX_RECEIVES, maxMessageBytes: MAX_MESSAGE_BYTES }
  return storeAt(endpoint, { queueUrls: await createQueues(endpoint, limits) })
}
