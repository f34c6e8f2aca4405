import { json, jsonError, type Reply } from './scripted-server.ts'

interface FakeTask {
  taskArn: string
  group: string
  lastStatus: string
  desiredStatus: string
  taskDefinitionArn: string
}

const PAGE = 100

/** The part of ECS's JSON API that a fleet uses, with states that no emulator shows. */
export class FakeEcs {
  status = 'ACTIVE'
  readonly #versions = ['v1']
  readonly #tasks: FakeTask[] = []

  /** Starts tasks of a service; answers their ARNs. */
  run(service: string, count: number): string[] {
    const arns = Array.from({ length: count }, (_, at) => {
      return `arn:aws:ecs:us-east-1:1:task/cluster/${service}-${this.#tasks.length + at}`
    })
    for (const taskArn of arns) {
      this.#tasks.push({
        taskArn,
        group: `service:${service}`,
        lastStatus: 'RUNNING',
        desiredStatus: 'RUNNING',
        taskDefinitionArn: definitionArn(1),
      })
    }
    return arns
  }

  change(arn: string, change: Partial<FakeTask>): void {
    for (const task of this.#tasks) if (task.taskArn === arn) Object.assign(task, change)
  }

  /** Registers a further revision; answers its ARN. */
  register(version: string): string {
    return definitionArn(this.#versions.push(version))
  }

  readonly answer = (action: string, body: object): Reply => {
    const input = body as Record<string, string> & { tasks: string[]; services: string[] }
    switch (action) {
      case 'DescribeServices':
        return json({ services: input.services.map((name) => this.#describe(name)) })
      case 'ListTasks':
        return this.#list(input['desiredStatus'] ?? '', Number(input['nextToken'] ?? 0))
      case 'DescribeTasks':
        return this.#describeTasks(input.tasks)
      case 'DescribeTaskDefinition':
        return this.#describeDefinition(input['taskDefinition'] ?? '')
      case 'ListTaskDefinitions':
        return json({
          taskDefinitionArns: this.#versions.map((_, at) => definitionArn(at + 1)).toReversed(),
        })
      case 'StopTask':
        return this.#stop(input['task'] ?? '')
      case 'UpdateService':
        return json({ service: {} })
      default:
        return jsonError('UnknownOperationException')
    }
  }

  #describe(serviceName: string) {
    const mine = this.#tasks.filter(({ group }) => group === `service:${serviceName}`)
    const runningCount = mine.filter(({ lastStatus }) => lastStatus === 'RUNNING').length
    const desired = mine.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
    return {
      serviceName,
      status: this.status,
      taskDefinition: definitionArn(1),
      desiredCount: desired.length,
      runningCount,
      pendingCount: 0,
    }
  }

  #list(desiredStatus: string, from: number): Reply {
    const arns = this.#tasks
      .filter((task) => task.desiredStatus === desiredStatus)
      .map(({ taskArn }) => taskArn)
    const nextToken = String(from + PAGE)
    const isMore = from + PAGE < arns.length
    return json({ taskArns: arns.slice(from, from + PAGE), ...(isMore && { nextToken }) })
  }

  #stop(arn: string): Reply {
    const task = this.#tasks.find(({ taskArn }) => taskArn === arn)
    if (task === undefined) {
      const message = 'The referenced task was not found.'
      return jsonError('InvalidParameterException', 400, { message })
    }
    this.change(arn, { desiredStatus: 'STOPPED' })
    return json({ task })
  }

  #describeTasks(arns: readonly string[]): Reply {
    if (arns.length > PAGE) return jsonError('InvalidParameterException')
    const tasks = this.#tasks.filter(({ taskArn }) => arns.includes(taskArn))
    const known = new Set(tasks.map(({ taskArn }) => taskArn))
    const missing = arns.filter((arn) => !known.has(arn))
    return json({ tasks, failures: missing.map((arn) => ({ arn, reason: 'MISSING' })) })
  }

  #describeDefinition(name: string): Reply {
    const revision = Number(name.split(':').at(-1))
    const value = this.#versions[revision - 1]
    const environment = [{ name: 'SCALABLE_JOB_VERSION', value }]
    const containerDefinitions = [{ name: 'worker', environment }]
    const taskDefinitionArn = definitionArn(revision)
    return json({ taskDefinition: { taskDefinitionArn, containerDefinitions } })
  }
}

/** Of the first worker, and of each that follows it. */
export function definitionArn(revision: number): string {
  return `arn:aws:ecs:us-east-1:1:task-definition/worker:${revision}`
}
