import type { Answer } from '../../../test/adapters/aws/scripted-server.ts'
import { type Fault, isSuccess } from './fault.ts'
import type { ServiceCall } from './service-call.ts'

/** An index of DynamoDB lags for less than a second as a rule; a count of SQS for up to a minute. */
const OLDEST_INDEX_MS = 5000
const OLDEST_COUNT_MS = 60_000
const OLDEST_FLEET_MS = 3000

interface Stale {
  readonly kind: string
  readonly hits: (call: ServiceCall) => boolean
  /** Calls with the same name have the same answer, but for the time. */
  readonly nameOf: (call: ServiceCall) => string
  readonly oldestMs: number
}

/** Gives the answer that the same question got some time ago. */
function makeStale({ kind, hits, nameOf, oldestMs }: Stale, nowMs: () => number): Fault {
  const first = new Map<string, { readonly answer: Answer; readonly atMs: number }>()
  return {
    kind,
    hits,
    watch: (call, answer) => {
      if (!hits(call) || !isSuccess(answer)) return
      const known = first.get(nameOf(call))
      const isOld = known === undefined || nowMs() - known.atMs > oldestMs
      if (isOld) first.set(nameOf(call), { answer, atMs: nowMs() })
    },
    answer: async (call, { pass }) => {
      const known = first.get(nameOf(call))
      if (known !== undefined && nowMs() - known.atMs <= oldestMs) return known.answer
      return { untouched: await pass() }
    },
  }
}

/** Queries of an index, whose rows are always some moments behind the table. */
export function makeStaleIndex(nowMs: () => number): Fault {
  return makeStale(
    {
      kind: 'stale index',
      hits: ({ service, input }) => service === 'dynamodb' && input.IndexName !== undefined,
      nameOf: ({ input }) => {
        const { ':upTo': _now, ...values } = input['ExpressionAttributeValues'] as object & {
          ':upTo'?: unknown
        }
        return JSON.stringify([input.IndexName, values, input['ExclusiveStartKey'], input['Limit']])
      },
      oldestMs: OLDEST_INDEX_MS,
    },
    nowMs,
  )
}

/** `ApproximateNumberOfMessages` as it was. */
export function makeStaleCounts(nowMs: () => number): Fault {
  return makeStale(
    {
      kind: 'stale queue count',
      hits: ({ action }) => action === 'GetQueueAttributes',
      nameOf: ({ input }) => input.QueueUrl ?? '',
      oldestMs: OLDEST_COUNT_MS,
    },
    nowMs,
  )
}

/** Services and lists of tasks, which ECS makes consistent only after a while. */
export function makeStaleFleet(nowMs: () => number): Fault {
  return makeStale(
    {
      kind: 'stale fleet',
      hits: ({ action }) => action === 'DescribeServices' || action === 'ListTasks',
      nameOf: ({ action, input }) => JSON.stringify([action, input]),
      oldestMs: OLDEST_FLEET_MS,
    },
    nowMs,
  )
}
