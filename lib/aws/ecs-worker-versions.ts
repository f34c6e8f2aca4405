import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionsCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import { ENV } from '../core/env.ts'

/** Revisions looked at for a version: two live, a third may wait, and some were superseded. */
const SEARCHED_REVISIONS = 10

/** How long the newest revision is taken as known; a deploy is noticed that much later. */
const NEWEST_KEPT_MS = 60_000

export interface WorkerVersionsOptions {
  readonly client: ECSClient
  readonly monotonicMs: () => number
}

/**
 * Which worker version a task definition runs. The version stands in the environment of its
 * containers (`SCALABLE_JOB_VERSION`), which belongs to the revision and never changes, unlike a
 * tag; so what was read once stays true and is kept.
 */
export class EcsWorkerVersions {
  readonly #options: WorkerVersionsOptions
  readonly #versionOf = new Map<string, string | undefined>()
  readonly #newest = new Map<string, { readonly version: string; readonly readAtMs: number }>()

  constructor(options: WorkerVersionsOptions) {
    this.#options = options
  }

  /** The version of one definition; absent where the definition is not one of ours. */
  async versionOf(taskDefinition: string, signal: AbortSignal): Promise<string | undefined> {
    if (!this.#versionOf.has(taskDefinition)) await this.#read(taskDefinition, signal)
    return this.#versionOf.get(taskDefinition)
  }

  /**
   * The version of the newest revision of a family: the one deployed last.
   *
   * @throws Error when that revision names no version
   */
  async newestOf(family: string, signal: AbortSignal): Promise<string> {
    const known = this.#newest.get(family)
    const nowMs = this.#options.monotonicMs()
    if (known !== undefined && nowMs - known.readAtMs < NEWEST_KEPT_MS) return known.version
    const arn = await this.#read(family, signal)
    const version = this.#versionOf.get(arn)
    if (version === undefined) throw new Error(`${arn} does not set ${ENV.version.name}`)
    this.#newest.set(family, { version, readAtMs: nowMs })
    return version
  }

  /** The newest definition of a version, or nothing when the last revisions do not have it. */
  async find(family: string, version: string, signal: AbortSignal): Promise<string | undefined> {
    const { taskDefinitionArns = [] } = await this.#options.client.send(
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

  /** @param taskDefinition an ARN, or a family for its newest revision */
  async #read(taskDefinition: string, signal: AbortSignal): Promise<string> {
    const { taskDefinition: read } = await this.#options.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition }),
      { abortSignal: signal },
    )
    const arn = read?.taskDefinitionArn
    if (arn === undefined) throw new Error(`ECS described ${taskDefinition} without an ARN`)
    this.#versionOf.set(arn, findVersion(read))
    return arn
  }
}

/** `arn:aws:ecs:<region>:<account>:task-definition/<family>:<revision>` → family. */
export function familyOf(taskDefinitionArn: string): string {
  const name = taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1)
  return name.split(':')[0] ?? name
}

function findVersion(definition: TaskDefinition | undefined): string | undefined {
  const variables = (definition?.containerDefinitions ?? []).flatMap(
    (each) => each.environment ?? [],
  )
  return variables.find(({ name }) => name === ENV.version.name)?.value
}
