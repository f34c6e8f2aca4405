import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { StoreSettings } from '../../../lib/adapters/aws/aws-settings.ts'
import { QUEUE_NAMES } from '../../../lib/ports/queues.ts'
import { uniqueName } from '../../contracts/define-contract.ts'

/** New queues with a common dead-letter queue, as the construct makes them; answers their URLs. */
export async function createQueues(
  endpoint: string,
  { maxReceives, maxMessageBytes }: { maxReceives: number; maxMessageBytes: number },
): Promise<Required<StoreSettings['queueUrls']>> {
  const client = new SQSClient({ region: 'us-east-1', endpoint })
  const prefix = uniqueName('q')
  const create = async (name: string, attributes: Record<string, string>): Promise<string> => {
    const Attributes = { MaximumMessageSize: String(maxMessageBytes), ...attributes }
    const command = new CreateQueueCommand({ QueueName: `${prefix}-${name}`, Attributes })
    const { QueueUrl } = await client.send(command)
    if (QueueUrl === undefined) throw new Error('a queue without a URL')
    return QueueUrl
  }
  const dead = await create('dead', {})
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }),
  )
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: Attributes?.['QueueArn'],
    maxReceiveCount: maxReceives,
  })
  const urls = { command: dead, query: dead, output: dead, dead }
  for (const name of QUEUE_NAMES.filter((each) => each !== 'dead')) {
    urls[name] = await create(name, { RedrivePolicy })
  }
  client.destroy()
  return urls
}
