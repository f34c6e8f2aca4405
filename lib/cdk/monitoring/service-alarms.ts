import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type * as sns from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { MonitoringSettings } from './monitoring-props.ts'
import type { ServiceMetrics } from './service-metrics.ts'

const OLDEST_WAITING_SECONDS = 1800
const MISSING_WORKER_MINUTES = 15
const SILENT_MINUTES = 3
const BLIND_MINUTES = 5
const API_ERRORS = 5

const { BREACHING, IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData
const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator

export interface ServiceAlarmsProps {
  readonly serviceName: string
  readonly metrics: ServiceMetrics
  readonly topic: sns.ITopic
  readonly settings: Pick<MonitoringSettings, 'oldestWaitingSeconds' | 'missingWorkerMinutes'>
}

type AlarmRule = Omit<cloudwatch.AlarmProps, 'alarmDescription'> & { readonly what: string }

/**
 * What calls for a person. Jobs that fail are no alarm: they are told to whoever submitted them.
 * Alarms that only the scaler's own metrics feed stay as they are while it is silent, which is an
 * alarm of its own.
 */
export class ServiceAlarms extends Construct {
  readonly all: readonly cloudwatch.Alarm[]
  readonly #props: ServiceAlarmsProps

  constructor(scope: Construct, id: string, props: ServiceAlarmsProps) {
    super(scope, id)
    this.#props = props
    const rules: Readonly<Record<string, AlarmRule>> = {
      ScalerSilent: this.#scalerSilent(),
      ScalerBlind: this.#scalerBlind(),
      OldestWaiting: this.#oldestWaiting(),
      WorkersMissing: this.#workersMissing(),
      DeadLetters: this.#deadLetters(),
      ApiErrors: this.#apiErrors(),
    }
    this.all = Object.entries(rules).map(([name, rule]) => this.#make(name, rule))
  }

  #scalerSilent(): AlarmRule {
    return {
      what: `The scaler has decided nothing for ${SILENT_MINUTES} minutes: waiting jobs get no workers, lost ones are not found. Look at the log of its function.`,
      metric: this.#props.metrics.own('WorkersWanted', 'SampleCount'),
      threshold: 1,
      comparisonOperator: LESS_THAN_THRESHOLD,
      evaluationPeriods: SILENT_MINUTES,
      treatMissingData: BREACHING,
    }
  }

  #scalerBlind(): AlarmRule {
    return {
      what: `For ${BLIND_MINUTES} minutes no look of the scaler could see or do everything. Nothing is lowered meanwhile; its log names the part.`,
      metric: this.#props.metrics.own('ScalerLookFailed', 'Minimum'),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: BLIND_MINUTES,
      treatMissingData: NOT_BREACHING,
    }
  }

  #oldestWaiting(): AlarmRule {
    const { metrics, settings } = this.#props
    const { oldestWaitingSeconds = OLDEST_WAITING_SECONDS } = settings
    return {
      what: `A job has waited for more than ${oldestWaitingSeconds} s. GET /service shows the decisions of the scaler and their reasons.`,
      metric: metrics.own('OldestWaitingSeconds', 'Maximum'),
      threshold: oldestWaitingSeconds,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: IGNORE,
    }
  }

  #workersMissing(): AlarmRule {
    const { metrics, settings } = this.#props
    const { missingWorkerMinutes = MISSING_WORKER_MINUTES } = settings
    return {
      what: `For ${missingWorkerMinutes} minutes fewer workers run than are wanted: no quota or capacity for the machines, an image that cannot be pulled, or workers that end at once. The events of the ECS services say which.`,
      metric: new cloudwatch.MathExpression({
        expression: 'wanted - running',
        usingMetrics: {
          wanted: metrics.own('WorkersWanted', 'Minimum'),
          running: metrics.own('WorkersRunning', 'Maximum'),
        },
        label: 'workers missing',
        period: Duration.minutes(1),
      }),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: missingWorkerMinutes,
      treatMissingData: IGNORE,
    }
  }

  #deadLetters(): AlarmRule {
    return {
      what: 'Messages that no worker could take. Their jobs are not lost, the reaper sends them again; but a worker hands back what it should take. Look at its log.',
      metric: this.#props.metrics.own('DeadLetters', 'Maximum'),
      threshold: 0,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: IGNORE,
    }
  }

  #apiErrors(): AlarmRule {
    return {
      what: `The API answered ${API_ERRORS} or more times within a minute with a 5xx: a store is away, or a fault of the API. Look at the log of its function.`,
      metric: this.#props.metrics.api('5xx', 'Sum'),
      threshold: API_ERRORS - 1,
      comparisonOperator: GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: NOT_BREACHING,
    }
  }

  #make(name: string, { what, ...rule }: AlarmRule): cloudwatch.Alarm {
    const { serviceName, topic } = this.#props
    const alarmDescription = `${serviceName}: ${what}`
    const alarm = new cloudwatch.Alarm(this, name, { ...rule, alarmDescription })
    const tell = new SnsAction(topic)
    alarm.addAlarmAction(tell)
    alarm.addOkAction(tell)
    return alarm
  }
}
