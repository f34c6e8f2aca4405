import * as logs from 'aws-cdk-lib/aws-logs'
import type { RemovalPolicy } from 'aws-cdk-lib'
import { Aws } from 'aws-cdk-lib'
import type { Construct } from 'constructs'

export interface LogSettings {
  readonly removalPolicy: RemovalPolicy
}

/** CloudWatch group of the programs around jobs; the logs of jobs themselves are in the bucket. */
export function makeLogGroup(
  scope: Construct,
  id: string,
  { removalPolicy }: LogSettings,
): logs.LogGroup {
  return new logs.LogGroup(scope, id, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy })
}

/**
 * Without waiting: a worker must not stand still, and lose its leases, because CloudWatch is slow.
 * What does not fit into the buffer is dropped.
 */
export function logTo(group: logs.ILogGroup, streamPrefix: string) {
  return {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': group.logGroupName,
      'awslogs-region': Aws.REGION,
      'awslogs-stream-prefix': streamPrefix,
      mode: 'non-blocking',
      'max-buffer-size': '25m',
    },
  }
}
