import {
  type CloudFormationClient,
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation'
import { waitFor } from '../support/wait-for.ts'

const CREATE_MS = 60_000

export interface CreatedStack {
  readonly outputs: Readonly<Record<string, string>>
  /** What was created: logical id → physical id. */
  readonly resources: Readonly<Record<string, string>>
}

/**
 * Creates a stack and waits for its end.
 *
 * @throws Error when it does not come to CREATE_COMPLETE, with each resource that failed and why
 */
export async function createStack(
  client: CloudFormationClient,
  input: CreateStackCommandInput,
): Promise<CreatedStack> {
  const { StackName } = input
  await client.send(new CreateStackCommand({ ...input, OnFailure: 'DO_NOTHING' }))
  const stack = await waitFor(
    `${StackName} to be created`,
    async () => {
      const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }))
      const [found] = Stacks
      return found?.StackStatus?.endsWith('_IN_PROGRESS') === false && found
    },
    CREATE_MS,
  )
  if (stack.StackStatus !== 'CREATE_COMPLETE') {
    const failures = await readFailures(client, StackName)
    throw new Error(`${StackName}: ${stack.StackStatus}\n${failures.join('\n')}`)
  }
  const outputs = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [
    OutputKey,
    OutputValue,
  ])
  const { StackResourceSummaries: made = [] } = await client.send(
    new ListStackResourcesCommand({ StackName }),
  )
  const resources = made
    .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE')
    .map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId, PhysicalResourceId])
  return { outputs: Object.fromEntries(outputs), resources: Object.fromEntries(resources) }
}

async function readFailures(
  client: CloudFormationClient,
  StackName: string | undefined,
): Promise<string[]> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }))
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')).map(
    ({ LogicalResourceId, ResourceType, ResourceStatusReason }) =>
      `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason}`,
  )
}
