import { Duration } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { JOB_ID_TAG } from '../../registry/agreements.ts'
import { acknowledgeWildcards } from '../acknowledge.ts'
import type { JobStores } from '../stores/job-stores.ts'

/** Of one role that another role assumes, AWS gives no more. */
const MAX_SESSION = Duration.hours(1)

/**
 * The role of what runs in a worker: the worker assumes it for each job, with the job's id as the one
 * tag of the session, and for its init command and model server without a tag.
 *
 * - What every job may do stands in the role itself, so that it is there before a worker is. Grants
 *   on this role are a policy of their own, for which no worker waits: they may name anything of the
 *   service, its API included, and no resource then waits for itself.
 * - A job's id is all that a worker may put into a session, and nobody but the workers of this
 *   service may open one.
 *
 * Source: IAM User Guide, "Pass session tags in AWS STS" and "Policy variables".
 */
export function makeJobRole(
  scope: Construct,
  { taskRole, stores }: { taskRole: iam.Role; stores: JobStores },
): iam.Role {
  const worker = new iam.ArnPrincipal(taskRole.roleArn)
  const statements = stores.statementsForJob()
  const role = new iam.Role(scope, 'JobRole', {
    assumedBy: worker,
    description: 'Jobs, init command and model server',
    maxSessionDuration: MAX_SESSION,
    inlinePolicies: { OwnFiles: new iam.PolicyDocument({ statements }) },
  })
  role.assumeRolePolicy?.addStatements(
    new iam.PolicyStatement({
      actions: ['sts:TagSession'],
      principals: [worker],
      conditions: ONLY_THE_JOB_ID,
    }),
  )
  const resources = [role.roleArn]
  taskRole.addToPolicy(new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources }))
  taskRole.addToPolicy(
    new iam.PolicyStatement({
      actions: ['sts:TagSession'],
      resources,
      conditions: ONLY_THE_JOB_ID,
    }),
  )
  acknowledgeWildcards(
    role,
    {
      resources: statements.flatMap((each) => each.resources).filter((each) => each.endsWith('*')),
    },
    'The files of one job: the id in the name is that of the session, which the worker sets.',
  )
  return role
}

const ONLY_THE_JOB_ID = {
  StringLike: { [`aws:RequestTag/${JOB_ID_TAG}`]: '?*' },
  'ForAllValues:StringEquals': { 'aws:TagKeys': [JOB_ID_TAG] },
}
