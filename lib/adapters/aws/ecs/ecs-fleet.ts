import {
  DescribeServicesCommand,
  ECSClient,
  type Service as EcsService,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {
  type Fleet,
  type FleetObservation,
  type FleetSide,
  type FleetTask,
  type Side,
  SIDES,
} from '../../../ports/fleet.ts'
import { checkRange } from '../../../parsing/checks.ts'
import type { FleetSettings } from '../aws-settings.ts'
import { bounded } from '../bounded.ts'
import { clientSettings, limitsOf } from '../client-settings.ts'
import { countsOf, isEmpty, type Services, sharedFamily } from './ecs-services.ts'
import {
  describeTasks,
  listTasks,
  stopTask,
  type TasksCall,
  toFleetTask,
  toTaskState,
} from './ecs-tasks.ts'
import { EcsWorkerVersions } from './ecs-worker-versions.ts'

/** ECS: tasks of one service. */
const MAX_DESIRED = 5000

export interface EcsFleetOptions {
  readonly settings: FleetSettings
  readonly monotonicMs: () => number
}

/** ECS keeps a stopped task in view for an hour. */
const ENDED_KEPT_MS = 3_600_000

/**
 * The fleet over two ECS services of one cluster, whose task definitions share a family.
 *
 * A look costs one call while nothing runs and three while something does. The first one costs more,
 * and so does one that meets a task definition for the first time.
 */
export class EcsFleet implements Fleet {
  readonly #client: ECSClient
  readonly #settings: FleetSettings
  readonly #monotonicMs: () => number
  readonly #callMs: number
  readonly #versions: EcsWorkerVersions
  /**
   * Tasks last seen before their end; absent before the first look. ECS lists only tasks that are
   * meant to run: one that left that list is still described with the others, and seen to stop.
   */
  #living: ReadonlySet<string> | undefined
  /** Ended tasks never change, so they are described once. */
  readonly #ended = new Map<string, { readonly task: Task; readonly seenAtMs: number }>()

  constructor({ settings, monotonicMs }: EcsFleetOptions) {
    this.#client = new ECSClient(clientSettings(settings, 'fleet'))
    this.#settings = settings
    this.#monotonicMs = monotonicMs
    this.#callMs = limitsOf(settings, 'fleet').callMs
    this.#versions = new EcsWorkerVersions(this.#client)
  }

  observe(): Promise<FleetObservation> {
    return this.#bounded('observe', async (signal) => {
      const services = await this.#describeServices(signal)
      const family = sharedFamily(services)
      const tasks = await this.#describeTasks(services, family, signal)
      const { taskDefinitionArn } = this.#settings
      const latestVersion = await this.#versions.namedBy(taskDefinitionArn, signal)
      const sides = {
        a: await this.#toSide(services.a, signal),
        b: await this.#toSide(services.b, signal),
      }
      return { sides, tasks: await this.#toFleetTasks(tasks, signal), latestVersion }
    })
  }

  async setDesired(side: Side, desired: number): Promise<void> {
    checkRange('desired', desired, { min: 0, max: MAX_DESIRED })
    await this.#update('setDesired', {
      service: this.#settings.ecsServices[side],
      desiredCount: desired,
    })
  }

  /**
   * Where tasks still run, ECS would begin a rolling deployment that replaces them, so a side that
   * is not empty is refused.
   *
   * @throws Error when the side is not empty, or no recent task definition has this version
   */
  async place(side: Side, version: string): Promise<void> {
    const { counts, taskDefinition } = await this.#bounded('place', async (signal) => {
      const services = await this.#describeServices(signal)
      const family = sharedFamily(services)
      return {
        counts: countsOf(services[side]),
        taskDefinition: await this.#findDefinition(family, version, signal),
      }
    })
    if (!isEmpty(counts)) throw new Error(`side ${side} is not empty: ${JSON.stringify(counts)}`)
    if (taskDefinition === undefined) throw new Error(`no task definition has version ${version}`)
    await this.#update('place', { service: this.#settings.ecsServices[side], taskDefinition })
  }

  async stopTask(taskId: string, reason: string): Promise<void> {
    if (!taskId.startsWith('arn:')) return
    await this.#bounded('stopTask', (signal) => stopTask(this.#tasksCall(signal), taskId, reason))
  }

  findStopped(taskIds: readonly string[]): Promise<readonly string[]> {
    return this.#bounded('findStopped', async (signal) => {
      // ECS refuses an id that cannot be one of its tasks; such a task does not exist.
      const arns = taskIds.filter((taskId) => taskId.startsWith('arn:'))
      const tasks = await describeTasks(this.#tasksCall(signal), arns)
      const living = new Set(
        tasks.filter((task) => toTaskState(task) !== 'stopped').map(({ taskArn }) => taskArn),
      )
      return taskIds.filter((taskId) => !living.has(taskId))
    })
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  /** @throws Error unless both services stand: a service that is not seen has an unknown count */
  async #describeServices(signal: AbortSignal): Promise<Services> {
    const { clusterName, ecsServices } = this.#settings
    const command = new DescribeServicesCommand({
      cluster: clusterName,
      services: SIDES.map((side) => ecsServices[side]),
    })
    const { services = [] } = await this.#client.send(command, { abortSignal: signal })
    const find = (side: Side): EcsService => {
      const name = ecsServices[side]
      const found = services.find((each) => each.serviceName === name)
      if (found?.status === 'ACTIVE') return found
      throw new Error(`the ECS service ${name} is ${found?.status ?? 'missing'}`)
    }
    return { a: find('a'), b: find('b') }
  }

  async #describeTasks(services: Services, family: string, signal: AbortSignal): Promise<Task[]> {
    const call = this.#tasksCall(signal)
    const idle = SIDES.every((side) => isEmpty(countsOf(services[side])))
    const listed = idle ? [] : await listTasks(call, family, 'RUNNING')
    const before = this.#living ?? (await listTasks(call, family, 'STOPPED'))
    const seen = await describeTasks(call, [...new Set([...listed, ...before])])
    this.#remember(seen)
    const living = seen.filter((task) => toTaskState(task) !== 'stopped')
    return [...living, ...[...this.#ended.values()].map(({ task }) => task)]
  }

  #remember(seen: readonly Task[]): void {
    const nowMs = this.#monotonicMs()
    const living = new Set<string>()
    for (const task of seen) {
      const { taskArn = '' } = task
      if (toTaskState(task) === 'stopped') this.#ended.set(taskArn, { task, seenAtMs: nowMs })
      else living.add(taskArn)
    }
    this.#living = living
    for (const [arn, { seenAtMs }] of this.#ended) {
      if (nowMs - seenAtMs > ENDED_KEPT_MS) this.#ended.delete(arn)
    }
  }

  async #toSide(service: EcsService, signal: AbortSignal): Promise<FleetSide> {
    const version = await this.#versions.versionOf(service.taskDefinition ?? '', signal)
    return { ...countsOf(service), ...(version !== undefined && { version }) }
  }

  /** Tasks that somebody started by hand from the same family belong to no side. */
  async #toFleetTasks(tasks: readonly Task[], signal: AbortSignal): Promise<FleetTask[]> {
    const found: FleetTask[] = []
    for (const task of tasks) {
      const side = SIDES.find(
        (each) => task.group === `service:${this.#settings.ecsServices[each]}`,
      )
      if (side === undefined) continue
      const version = await this.#versions.versionOf(task.taskDefinitionArn ?? '', signal)
      found.push(toFleetTask(task, side, version ?? 'unknown'))
    }
    return found
  }

  /** An older version is looked for among the last revisions. */
  async #findDefinition(
    family: string,
    version: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { taskDefinitionArn } = this.#settings
    const latest = await this.#versions.namedBy(taskDefinitionArn, signal)
    if (version === latest) return taskDefinitionArn
    return this.#versions.find(family, version, signal)
  }

  #tasksCall(signal: AbortSignal): TasksCall {
    return { client: this.#client, cluster: this.#settings.clusterName, signal }
  }

  async #update(
    action: string,
    change: { service: string; desiredCount: number } | { service: string; taskDefinition: string },
  ): Promise<void> {
    const command = new UpdateServiceCommand({ cluster: this.#settings.clusterName, ...change })
    await this.#bounded(action, (signal) => this.#client.send(command, { abortSignal: signal }))
  }

  #bounded<T>(action: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return bounded({ port: 'fleet', action, callMs: this.#callMs }, run)
  }
}
