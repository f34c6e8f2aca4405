import { Duration, Stack } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { MetricName } from '../../registry/metrics.ts'
import type { ServiceMetrics } from './service-metrics.ts'

const ROW_WIDTH = 24
const GRAPH_HEIGHT = 6
const TILE_HEIGHT = 3
const SHOWN = Duration.hours(6)

const TILES: readonly MetricName[] = [
  'JobsWaiting',
  'OldestWaitingSeconds',
  'JobsRunning',
  'WorkersWanted',
  'WorkersRunning',
  'WorkersBusy',
]

export interface ServiceDashboardProps {
  readonly metrics: ServiceMetrics
  readonly alarms: readonly cloudwatch.Alarm[]
  /** Absent: worker hours are shown in place of dollars. */
  readonly workerHourUsd?: number
}

interface Graph {
  readonly left: cloudwatch.IMetric[]
  readonly right?: cloudwatch.IMetric[]
}

/** One page for a service: what waits, what runs, how it ends, what goes wrong, what it costs. */
export class ServiceDashboard extends Construct {
  /** Where a browser finds it. */
  readonly url: string

  constructor(scope: Construct, id: string, props: ServiceDashboardProps) {
    super(scope, id)
    const { metrics, alarms } = props
    const dashboard = new cloudwatch.Dashboard(this, 'Page', { defaultInterval: SHOWN })
    dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({
        title: 'Alarms',
        alarms: [...alarms],
        width: ROW_WIDTH,
        height: TILE_HEIGHT,
      }),
    )
    dashboard.addWidgets(tiles(metrics))
    for (const row of [work(metrics), ends(metrics), faults(metrics), costs(props)]) {
      dashboard.addWidgets(...toRow(row))
    }
    const { region } = Stack.of(this)
    const page = `#dashboards/dashboard/${dashboard.dashboardName}`
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}${page}`
  }
}

function tiles(metrics: ServiceMetrics): cloudwatch.IWidget {
  return new cloudwatch.SingleValueWidget({
    title: 'Now',
    metrics: TILES.map((name) => metrics.own(name, 'Maximum')),
    width: ROW_WIDTH,
    height: TILE_HEIGHT,
  })
}

function work(metrics: ServiceMetrics): Record<string, Graph> {
  return {
    Jobs: {
      left: [metrics.own('JobsWaiting', 'Maximum'), metrics.own('JobsRunning', 'Maximum')],
      right: [metrics.own('OldestWaitingSeconds', 'Maximum')],
    },
    Workers: {
      left: [
        metrics.own('WorkersWanted', 'Maximum'),
        metrics.own('WorkersRunning', 'Maximum'),
        metrics.own('WorkersBusy', 'Maximum'),
      ],
    },
    'CPU and memory of the workers, %': {
      left: [...metrics.usedShare('CPUUtilization'), ...metrics.usedShare('MemoryUtilization')],
    },
  }
}

function ends(metrics: ServiceMetrics): Record<string, Graph> {
  const spread = (name: MetricName) =>
    ['p50', 'p95'].map((share) => metrics.own(name, share).with({ label: `${name} ${share}` }))
  return {
    'Run time and wait, s': { left: spread('RunSeconds'), right: spread('WaitSeconds') },
    Ends: {
      left: (['JobsSucceeded', 'JobsFailed', 'JobsCanceled', 'AttemptsLost'] as const).map((name) =>
        metrics.own(name, 'Sum'),
      ),
    },
    'Messages nobody has taken': {
      left: [metrics.queued('output'), metrics.queued('dead')],
      right: [metrics.own('QueueDepthDifference', 'Maximum')],
    },
  }
}

function faults(metrics: ServiceMetrics): Record<string, Graph> {
  return {
    'API: requests': {
      left: [metrics.api('Count', 'Sum'), metrics.api('4xx', 'Sum'), metrics.api('5xx', 'Sum')],
    },
    'API: latency, ms': {
      left: ['p50', 'p95'].map((share) => metrics.api('Latency', share).with({ label: share })),
    },
    'Functions: errors': {
      left: (['api', 'scaler'] as const).flatMap((which) => [
        metrics.lambda(which, 'Errors', 'Sum'),
        metrics.lambda(which, 'Throttles', 'Sum'),
      ]),
      right: [metrics.own('ScalerLookFailed', 'Sum')],
    },
  }
}

/** Running workers times a price: an estimate, since machines cost a little before and after. */
function costs({ metrics, workerHourUsd }: ServiceDashboardProps): Record<string, Graph> {
  const unit = workerHourUsd === undefined ? 'worker hours' : 'US dollars'
  const period = Duration.minutes(5)
  const estimate = (expression: string, label: string) =>
    new cloudwatch.MathExpression({
      expression,
      usingMetrics: { running: metrics.own('WorkersRunning', 'Average').with({ period }) },
      label,
      period,
    })
  const price = Number((workerHourUsd ?? 1).toFixed(4))
  return {
    [`Workers, ${unit} (estimate)`]: {
      left: [estimate(`running * ${price}`, 'an hour')],
      right: [
        estimate(
          `RUNNING_SUM(FILL(running, 0) * ${price} * PERIOD(running) / 3600)`,
          'since the left edge',
        ),
      ],
    },
  }
}

function toRow(graphs: Record<string, Graph>): cloudwatch.IWidget[] {
  const entries = Object.entries(graphs)
  return entries.map(
    ([title, { left, right }]) =>
      new cloudwatch.GraphWidget({
        title,
        left,
        ...(right && { right }),
        width: ROW_WIDTH / entries.length,
        height: GRAPH_HEIGHT,
        leftYAxis: { min: 0 },
      }),
  )
}
