import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type * as sns from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { AlarmTopic } from './alarm-topic.ts'
import type { MonitoringProps } from './monitoring-props.ts'
import { ServiceAlarms } from './service-alarms.ts'
import { ServiceDashboard } from './service-dashboard.ts'
import { ServiceMetrics } from './service-metrics.ts'
import { workerHourUsd } from './worker-hour-usd.ts'

/** Dashboard, alarms, and the topic that they go to. Reads metrics; changes nothing of a service. */
export class Monitoring extends Construct {
  readonly alarmTopic: sns.ITopic
  readonly alarms: readonly cloudwatch.Alarm[]
  /** Absent where no dashboard is wanted. */
  readonly dashboardUrl?: string

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id)
    const { service, settings = {} } = props
    const { alarmTopic, alarmEmails: emails = [], dashboard = true } = settings
    const metrics = new ServiceMetrics(props)
    this.alarmTopic = alarmTopic ?? new AlarmTopic(this, 'Told', { emails }).topic
    const { name: serviceName } = service
    const topic = this.alarmTopic
    const { all: alarms } = new ServiceAlarms(this, 'Alarms', {
      serviceName,
      metrics,
      topic,
      settings,
    })
    this.alarms = alarms
    if (!dashboard) return
    const price = settings.workerHourUsd ?? workerHourUsd(service)
    this.dashboardUrl = new ServiceDashboard(this, 'Dashboard', {
      metrics,
      alarms,
      ...(price !== undefined && { workerHourUsd: price }),
    }).url
  }
}
