import { z } from 'zod'
import { type ServiceView, serviceViewSchema, toWorkerView } from '../contract/service-view.ts'
import { EXAMPLE_SERVICE } from '../openapi/examples.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { type Api, asJson, type Call, defineRoute } from '../route.ts'
import { TASK_TYPES, toTimestamp } from '../../job/job.ts'
import { WORKERS_PK } from '../../job/keys.ts'
import type { DecisionRecord } from '../../scaling/decision.ts'
import { readWorkerRow } from '../../scaling/worker-row.ts'
import { QUEUE_NAMES, type QueueDepth } from '../../ports/queues.ts'
import { readDecisions } from '../../scaling/store/decision-history.ts'
import type { Caller } from '../auth/token-set.ts'

export const serviceRoute = defineRoute({
  ...ROUTE_PLACES.service,
  group: 'service',
  summary: 'How the service stands',
  description:
    "Queues, workers, fleet, and the scaler's last decisions with their reasons. What cannot be read just now is left out and named in `notObserved`.",
  query: z.strictObject({
    replay: z
      .enum(['true'])
      .optional()
      .describe('`true` adds to each decision the observation and memory that make it again.'),
  }),
  answers: {
    200: {
      description: 'What could be observed.',
      content: asJson(serviceViewSchema, EXAMPLE_SERVICE),
    },
  },
  errors: ['invalid-request'],
  handle: async (call, { replay }) => call.c.json(await observeService(call, replay === 'true')),
})

const MAX_WORKERS = 500

/** How the service stands. Each part is observed by itself: one that fails is named, not guessed. */
async function observeService(call: Call, withReplay: boolean): Promise<ServiceView> {
  const { api, caller, log } = call
  const notObserved: ServiceView['notObserved'][number][] = []
  const observe = async <T>(part: ServiceView['notObserved'][number], reading: Promise<T>) => {
    try {
      return await reading
    } catch (error) {
      notObserved.push(part)
      log.warn('a part of the service could not be observed', { part, error: String(error) })
      return undefined
    }
  }
  const [queues, workers, fleet, decisions] = await Promise.all([
    observe('queues', readDepths(api)),
    observe('workers', readWorkers(api, call)),
    observe('fleet', api.fleet.observe()),
    observe('decisions', readDecisions(api.table)),
  ])
  if (workers?.isWhole === false) notObserved.push('workers')
  return {
    ...describeSettings(api),
    ...(queues && { queues, waiting: sumWaiting(queues) }),
    ...(workers && { workers: workers.workers }),
    ...(fleet && { fleet }),
    ...(decisions && { decisions: toDecisionViews(decisions, { caller, withReplay }) }),
    notObserved,
  }
}

/** A token of one tenant learns of no job of another: neither by name nor by what was observed. */
function toDecisionViews(
  decisions: readonly DecisionRecord[],
  { caller, withReplay }: { caller: Caller; withReplay: boolean },
) {
  if (!caller.seesAll) return decisions.map(withoutReplay).map(withoutJobId)
  return withReplay ? [...decisions] : decisions.map(withoutReplay)
}

function withoutJobId({ versions, ...decision }: ReturnType<typeof withoutReplay>) {
  const { waiting, ...rest } = versions
  return {
    ...decision,
    versions: waiting ? { ...rest, waiting: { version: waiting.version } } : rest,
  }
}

/** What makes a decision again is many times larger than the decision, and the console asks often. */
function withoutReplay({ replay: _replay, ...decision }: DecisionRecord) {
  return decision
}

function describeSettings({ service, version: apiVersion, startedAtMs, clock }: Api) {
  const { name, type, version, taskTypes, scaling, slots, intake, ignored } = service
  return {
    name,
    type,
    version,
    apiVersion,
    taskTypes: [...taskTypes],
    startedAt: toTimestamp(startedAtMs),
    uptimeSeconds: Math.max(clock.now() - startedAtMs, 0) / 1000,
    scaling,
    slots,
    intake,
    ignored: [...ignored],
  }
}

type Depths = Record<string, QueueDepth>

async function readDepths({ queues }: Api): Promise<Depths> {
  const depths = await Promise.all(QUEUE_NAMES.map((name) => queues.depth(name)))
  return Object.fromEntries(QUEUE_NAMES.map((name, index) => [name, depths[index] as QueueDepth]))
}

/** Of every type: what the service does not take any more waits as well, until the reaper ends it. */
function sumWaiting(depths: Depths): number {
  return TASK_TYPES.reduce((sum, name) => {
    const { visible = 0, delayed = 0 } = depths[name] ?? {}
    return sum + visible + delayed
  }, 0)
}

/** One row that cannot be read hides none of the others; then the list is not whole. */
async function readWorkers({ table }: Api, { caller, log }: Call) {
  const { rows } = await table.list(WORKERS_PK, { limit: MAX_WORKERS })
  const workers = rows.flatMap(({ key, data }) => {
    try {
      return [toWorkerView(readWorkerRow(key.sk, data), caller.seesAll)]
    } catch (error) {
      log.warn('a worker was left out', { workerId: key.sk, error: String(error) })
      return []
    }
  })
  return { workers, isWhole: workers.length === rows.length }
}
