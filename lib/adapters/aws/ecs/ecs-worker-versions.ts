import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionsCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import { ENV } from '../../../registry/env.ts'

/** Revisions looked at for a version: two live, a third may wait, and some were superseded. */
const SEARCHED_REVISIONS = 10

/**
 * Which worker version a task definition runs. The version stands in the environment of its
 * containers (`SCALABLE_JOB_VERSION`), which belongs to the revision and never changes, unlike a
 * tag; so what was read once stays true and is kept.
 */
export class EcsWorkerVersions {
  readonly #client: ECSClient
  readonly #versionOf = new Map<string, string | undefined>()

  constructor(client: ECSClient) {
    this.#client = client
  }

  /**
   * The version of one definition; absent where the definition is not one of ours.
   *
   * @param arn with revision
   */
  async versionOf(arn: string, signal: AbortSignal): Promise<string | undefined> {
    if (!this.#versionOf.has(arn)) this.#versionOf.set(arn, await this.#read(arn, signal))
    return this.#versionOf.get(arn)
  }

  /** @throws Error when that definition names no version */
  async namedBy(arn: string, signal: AbortSignal): Promise<string> {
    const version = await this.versionOf(arn, signal)
    if (version === undefined) throw new Error(`${arn} does not set ${ENV.version.name}`)
    return version
  }

  /** The newest definition of a version, or nothing when the last revisions do not have it. */
  async find(family: string, version: string, signal: AbortSignal): Promise<string | undefined> {
    const { taskDefinitionArns = [] } = await this.#client.send(
      new ListTaskDefinitionsCommand({
        familyPrefix: family,
        sort: 'DESC',
        maxResults: SEARCHED_REVISIONS,
      }),
      { abortSignal: signal },
    )
    for (const arn of taskDefinitionArns.filter((each) => familyOf(each) === family)) {
      if ((await this.versionOf(arn, signal)) === version) return arn
    }
    return undefined
  }

  async #read(arn: string, signal: AbortSignal): Promise<string | undefined> {
    const { taskDefinition } = await this.#client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: arn }),
      { abortSignal: signal },
    )
    if (taskDefinition === undefined) throw new Error(`ECS described ${arn} without a definition`)
    return findVersion(taskDefinition)
  }
}

/** `arn:aws:ecs:<region>:<account>:task-definition/<family>:<revision>` → family. */
export function familyOf(taskDefinitionArn: string): string {
  const name = taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1)
  return name.split(':')[0] ?? name
}

function findVersion({ containerDefinitions = [] }: TaskDefinition): string | undefined {
  const variables = containerDefinitions.flatMap((each) => each.environment ?? [])
  return variables.find(({ name }) => name === ENV.version.name)?.value
}
