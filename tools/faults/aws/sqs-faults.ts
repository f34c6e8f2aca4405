import { json } from '../../../test/adapters/aws/scripted-server.ts'
import { bodyOf, type Fault, isSuccess, type Way, withBody } from './fault.ts'
import { type ServiceCall, withInput } from './service-call.ts'

interface Entry {
  readonly Id: string
  readonly DelaySeconds?: number
}

interface BatchAnswer {
  readonly Successful?: readonly object[]
  readonly Failed?: readonly object[]
}

const BATCHES = ['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch']
const MAX_DELAY_SECONDS = 3

/** SQS takes some entries of a batch, or none, and says so with status 200. */
export const partialBatch: Fault = {
  kind: 'part of a batch failed',
  hits: isBatch,
  answer: async (call, way) => {
    const failed = entriesOf(call).filter(() => way.random() < 0.5)
    const taken = entriesOf(call).filter((entry) => !failed.includes(entry))
    if (failed.length === 0) return { untouched: await way.pass() }
    if (taken.length === 0) return json({ Successful: [], Failed: failed.map(toFailure) })
    const answer = await passEntries(call, taken, way)
    if (!isSuccess(answer)) return answer
    const { Successful = [], Failed = [] } = bodyOf(answer) as BatchAnswer
    return withBody(answer, { Successful, Failed: [...Failed, ...failed.map(toFailure)] })
  },
}

/** All entries took effect, and SQS says of each that it failed. */
export const falseBatchFailure: Fault = {
  kind: 'batch failed, after it took effect',
  hits: isBatch,
  answer: async (call, { pass }) => {
    const answer = await pass()
    if (!isSuccess(answer)) return answer
    return withBody(answer, { Successful: [], Failed: entriesOf(call).map(toFailure) })
  },
}

/** Each message is in the queue twice. */
export const sentTwice: Fault = {
  kind: 'message doubled in the queue',
  hits: ({ action }) => action === 'SendMessageBatch',
  answer: async (_call, { pass }) => {
    await pass()
    return pass()
  },
}

/** Messages come late, and in another order than they were sent. */
export const delayed: Fault = {
  kind: 'message delayed, out of order',
  hits: ({ action }) => action === 'SendMessageBatch',
  answer: (call, way) => {
    const late = entriesOf(call).map((entry) => {
      return { ...entry, DelaySeconds: 1 + Math.floor(way.random() * MAX_DELAY_SECONDS) }
    })
    return passEntries(call, late, way)
  },
}

/** Nothing is found in a queue that has messages: the answer comes from servers without any. */
export const emptyReceive: Fault = {
  kind: 'receive found nothing',
  hits: ({ action }) => action === 'ReceiveMessage',
  answer: async () => json({}),
}

/** Every count is zero, whatever waits. */
export const zeroCount: Fault = {
  kind: 'queue count of zero',
  hits: ({ action }) => action === 'GetQueueAttributes',
  answer: async (_call, { pass }) => {
    const answer = await pass()
    if (!isSuccess(answer)) return answer
    const { Attributes = {} } = bodyOf(answer) as { Attributes?: Record<string, string> }
    const zeros = Object.keys(Attributes).map((name) => [name, '0'])
    return withBody(answer, { Attributes: Object.fromEntries(zeros) })
  },
}

/** One receive gives out a message that another receive has given out before, unchanged. */
export function makeHandedOutTwice(): Fault {
  const before = new Map<string, object>()
  const isReceive = ({ action }: ServiceCall): boolean => action === 'ReceiveMessage'
  return {
    kind: 'message received twice',
    hits: isReceive,
    watch: (call, answer) => {
      if (!isReceive(call) || !isSuccess(answer)) return
      const [message] = (bodyOf(answer) as { Messages?: object[] }).Messages ?? []
      if (message !== undefined) before.set(call.input.QueueUrl ?? '', message)
    },
    answer: async ({ input }, { pass }) => {
      const again = before.get(input.QueueUrl ?? '')
      if (again === undefined) return { untouched: await pass() }
      before.delete(input.QueueUrl ?? '')
      return json({ Messages: [again] })
    },
  }
}

function isBatch({ action }: ServiceCall): boolean {
  return BATCHES.includes(action)
}

function entriesOf({ input }: ServiceCall): readonly Entry[] {
  return input['Entries'] as readonly Entry[]
}

function passEntries(call: ServiceCall, Entries: readonly Entry[], { pass }: Way) {
  return pass(withInput(call, { ...call.input, Entries }))
}

function toFailure({ Id }: Entry): object {
  return { Id, Code: 'InternalError', SenderFault: false, Message: 'for the test' }
}
