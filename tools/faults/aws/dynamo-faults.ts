import { jsonError } from '../../../test/adapters/aws/scripted-server.ts'
import { bodyOf, type Fault, isSuccess, withBody } from './fault.ts'
import { type ServiceCall, withInput } from './service-call.ts'

interface KeysOf {
  readonly Keys: readonly object[]
}

/** BatchGetItem reads some keys, none at times, and gives the others back as unprocessed. */
export const partialBatchRead: Fault = {
  kind: 'unprocessed keys',
  hits: ({ service, action }) => service === 'dynamodb' && action === 'BatchGetItem',
  answer: async (call, { pass, random }) => {
    const asked = Object.entries(call.input['RequestItems'] as Record<string, KeysOf>)
    const [table = '', { Keys = [], ...how } = {}] = asked[0] ?? []
    const taken = Keys.filter(() => random() < 0.4)
    const left = { [table]: { ...how, Keys: Keys.filter((key) => !taken.includes(key)) } }
    if (taken.length === Keys.length) return { untouched: await pass() }
    if (taken.length === 0) return jsonAnswer({ Responses: {}, UnprocessedKeys: left })
    const RequestItems = { [table]: { ...how, Keys: taken } }
    const answer = await pass(withInput(call, { ...call.input, RequestItems }))
    if (!isSuccess(answer)) return answer
    return withBody(answer, { ...(bodyOf(answer) as object), UnprocessedKeys: left })
  },
}

/** A page ends long before its limit, as one does that has come to 1 MB. */
export const shortPage: Fault = {
  kind: 'page ended early',
  hits: ({ service, action, input }) =>
    service === 'dynamodb' && action === 'Query' && Number(input['Limit']) > 2,
  answer: (call, { pass, random }) =>
    pass(withInput(call, { ...call.input, Limit: 1 + Math.floor(random() * 2) })),
}

/** Another transaction has the row, or there is no capacity for all of it. */
export const transactionBusy: Fault = {
  kind: 'transaction conflict or throttle',
  hits: isTransaction,
  answer: async ({ input }, { random }) => {
    const items = input['TransactItems'] as readonly object[]
    const Code = BUSY_REASONS[Math.floor(random() * BUSY_REASONS.length)] ?? ''
    const at = Math.floor(random() * items.length)
    const CancellationReasons = items.map((_, place) =>
      place === at ? { Code } : { Code: 'None' },
    )
    return jsonError(`com.amazonaws.dynamodb.v20120810#${CANCELED}`, 400, { CancellationReasons })
  },
}

const CANCELED = 'TransactionCanceledException'
const BUSY_REASONS = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']

/** The first try of a transaction is still under way, and goes through. */
export const transactionUnderWay: Fault = {
  kind: 'transaction still under way, then done',
  hits: isTransaction,
  answer: async (_call, { pass }) => {
    await pass()
    return jsonError('com.amazonaws.dynamodb.v20120810#TransactionInProgressException')
  },
}

/** A transaction has the row that a single write is for. */
export const rowBusy: Fault = {
  kind: 'row held by a transaction',
  hits: ({ service, action }) =>
    service === 'dynamodb' && ['PutItem', 'UpdateItem', 'DeleteItem'].includes(action),
  answer: async () => jsonError('com.amazonaws.dynamodb.v20120810#TransactionConflictException'),
}

function isTransaction({ service, action }: ServiceCall): boolean {
  return service === 'dynamodb' && action === 'TransactWriteItems'
}

function jsonAnswer(body: object) {
  return withBody({ status: 200, body: '', headers: { 'content-type': JSON_TYPE } }, body)
}

const JSON_TYPE = 'application/x-amz-json-1.0'
