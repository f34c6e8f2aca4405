import type { MetricName } from '../../lib/registry/metrics.ts'
import type { Service } from '../../lib/service/service.ts'
import { MINUTES_PER_MONTH, type Usage } from './usage.ts'

/**
 * What a look of a quiet service reads (`lib/scaler/look/look.ts`): its row and the list of workers
 * strongly consistent, one unit each; three indexes, half a unit each; rounded up.
 */
const READ_UNITS_PER_LOOK = 5
/** Once a minute a look takes the lock and releases it: two writes of a row of up to 4 KB. */
const WRITE_UNITS_PER_MINUTE = 8
/** The look that is saved also counts dead letters. */
const QUEUE_REQUESTS_PER_MINUTE = 1
/** And reports once, of all metrics only these. A metric is billed for the hours in which it came. */
const METRIC_REQUESTS_PER_MINUTE = 1
export const METRICS_AT_REST: readonly MetricName[] = [
  'AttemptsLost',
  'DeadLetters',
  'JobsRunning',
  'JobsWaiting',
  'OldestWaitingSeconds',
  'ScalerLookFailed',
  'WorkersBusy',
  'WorkersRunning',
  'WorkersWanted',
]
/** The last look of a minute ends within this. */
const LAST_LOOK_SECONDS = 1
const MIB_PER_GIB = 1024

/** A month of the scaler of a service without jobs and workers. */
export function scalerAtRest(service: Service, memoryMib: number): Usage[] {
  const { lookSeconds } = service.timing
  const looksPerMinute = Math.ceil(60 / lookSeconds)
  const seconds = (looksPerMinute - 1) * lookSeconds + LAST_LOOK_SECONDS
  const perMonth = (perMinute: number) => perMinute * MINUTES_PER_MONTH
  const looks = `${looksPerMinute} looks a minute`
  return [
    {
      meter: 'lambdaGbSecond',
      amount: perMonth(seconds * (memoryMib / MIB_PER_GIB)),
      what: `scaler: ${seconds} s of each minute at ${memoryMib} MiB`,
    },
    { meter: 'lambdaRequest', amount: perMonth(1), what: 'scaler: started each minute' },
    {
      meter: 'dynamoReadUnit',
      amount: perMonth(looksPerMinute * READ_UNITS_PER_LOOK),
      what: `scaler: ${looks}, ${READ_UNITS_PER_LOOK} read units each`,
    },
    {
      meter: 'dynamoWriteUnit',
      amount: perMonth(WRITE_UNITS_PER_MINUTE),
      what: `scaler: ${WRITE_UNITS_PER_MINUTE} write units a minute`,
    },
    {
      meter: 'sqsRequest',
      amount: perMonth(QUEUE_REQUESTS_PER_MINUTE),
      what: 'scaler: counts dead letters each minute',
    },
    {
      meter: 'metricRequest',
      amount: perMonth(METRIC_REQUESTS_PER_MINUTE),
      what: 'scaler: reports each minute',
    },
    {
      meter: 'customMetricMonth',
      amount: METRICS_AT_REST.length,
      what: 'scaler: metrics that come all month',
    },
  ]
}
