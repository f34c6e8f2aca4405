import type * as sns from 'aws-cdk-lib/aws-sns'
import type { Service } from '../../service/service.ts'
import type { QueueName } from '../../ports/queues.ts'
import type { Side } from '../../ports/fleet.ts'

/** What is watched, by the names under which CloudWatch knows it. */
export interface MonitoringProps {
  readonly service: Service
  readonly queueNames: Readonly<Record<QueueName, string>>
  readonly apiFunctionName: string
  readonly scalerFunctionName: string
  readonly httpApiId: string
  readonly fleet: MonitoredFleet
  readonly settings?: MonitoringSettings
}

/** The cluster and both ECS services of the workers. */
interface MonitoredFleet {
  readonly clusterName: string
  readonly serviceNames: Readonly<Record<Side, string>>
}

/** What an owner may choose about alarms and dashboard; all of it has a default. */
export interface MonitoringSettings {
  /** Absent: a topic of its own, encrypted and TLS only. */
  readonly alarmTopic?: sns.ITopic
  /** Mail addresses that are subscribed to the topic; each must confirm once. None. */
  readonly alarmEmails?: readonly string[]
  /** A job that waits longer than this is an alarm. 1,800. */
  readonly oldestWaitingSeconds?: number
  /** Workers that are wanted and do not run for this long are an alarm. 15. */
  readonly missingWorkerMinutes?: number
  /** US dollars for an hour of one worker. Absent: the list price, where it is known. */
  readonly workerHourUsd?: number
  /** One dashboard for the service. True. */
  readonly dashboard?: boolean
}
