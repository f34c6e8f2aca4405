import { Duration } from 'aws-cdk-lib'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { MAX_RECEIVES, type QueueName } from '../../ports/queues.ts'

/**
 * How long a message stays. Dead letters keep the time of their first send (Amazon SQS Developer
 * Guide, "Dead-letter queues"), so theirs is the longest that SQS has and outlasts the others. A
 * ready message that expires costs no job: the table knows the job, and the reaper sends it again.
 */
const RETENTION_DAYS: Readonly<Record<QueueName, number>> = {
  command: 4,
  query: 4,
  output: 7,
  dead: 14,
}

/**
 * The queues of one service: ready messages of waiting jobs (`command`, `query`), ends and logs of
 * jobs (`output`), and messages that nobody could take (`dead`). Encrypted by SQS, TLS only. Both
 * inputs are always made: an empty queue costs nothing, and a service that gains or loses its port
 * keeps its messages.
 */
export class JobQueues extends Construct {
  readonly byName: Readonly<Record<QueueName, sqs.Queue>>

  constructor(scope: Construct, id: string) {
    super(scope, id)
    const dead = new sqs.Queue(this, 'Dead', settingsOf('dead'))
    const deadLetterQueue = { queue: dead, maxReceiveCount: MAX_RECEIVES }
    const make = (queueId: string, name: QueueName): sqs.Queue =>
      new sqs.Queue(this, queueId, { ...settingsOf(name), deadLetterQueue })
    this.byName = {
      command: make('Command', 'command'),
      query: make('Query', 'query'),
      output: make('Output', 'output'),
      dead,
    }
  }
}

function settingsOf(name: QueueName): sqs.QueueProps {
  return {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(RETENTION_DAYS[name]),
  }
}
