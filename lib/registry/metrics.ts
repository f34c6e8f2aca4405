/** Every metric: used by emitters, alarms and docs. Names follow CloudWatch's PascalCase. */
export const METRICS = {
  JobsWaiting: { unit: 'Count', what: 'Queued jobs, as the scaler counted them.' },
  JobsRunning: { unit: 'Count', what: 'Jobs with a lease.' },
  OldestWaitingSeconds: { unit: 'Seconds', what: 'Age of the oldest queued job.' },
  WorkersWanted: { unit: 'Count', what: "The scaler's decision." },
  WorkersRunning: { unit: 'Count', what: 'Tasks that the fleet lists as running.' },
  WorkersBusy: { unit: 'Count', what: 'Workers with at least one slot taken.' },
  JobsSucceeded: { unit: 'Count', what: 'Jobs that ended `succeeded`.' },
  JobsFailed: { unit: 'Count', what: 'Jobs that ended `failed`.' },
  JobsCanceled: { unit: 'Count', what: 'Jobs that ended `canceled`.' },
  AttemptsLost: { unit: 'Count', what: 'Attempts declared lost by the reaper.' },
  RunSeconds: { unit: 'Seconds', what: 'Run time of an ended job.' },
  WaitSeconds: { unit: 'Seconds', what: 'Time from accepted to first start.' },
  QueueDepthDifference: {
    unit: 'Count',
    what: 'Queue depth minus queued rows: how far the queue estimate is off.',
  },
  DeadLetters: {
    unit: 'Count',
    what: 'Messages that no worker could take for good. An alarm; the jobs live on in the table.',
  },
  ScalerLookFailed: { unit: 'Count', what: 'Looks that could not observe.' },
} as const

/** CloudWatch: where the metrics stand, and what tells those of two services apart. */
export const METRIC_NAMESPACE = 'ScalableJob'
export const METRIC_DIMENSION = 'Service'

export type MetricName = keyof typeof METRICS
