import type { Received, Reply } from './scripted-server.ts'
import { json, jsonError } from './scripted-server.ts'

interface Machine {
  readonly id: string
  readonly group: string
  status: 'ACTIVE' | 'DRAINING' | 'starting'
  tasks: number
}

/** Auto Scaling groups and the machines in a cluster, as far as a fleet uses their two APIs. */
export class FakeMachines {
  readonly desired = new Map<string, number>()
  /** Groups that can start no machine. */
  readonly dry = new Set<string>()
  /** Called with the id of each machine that ECS is told to drain. */
  onDrain: (id: string) => void = () => undefined
  readonly #machines: Machine[] = []
  #made = 0

  constructor(groups: readonly string[]) {
    for (const group of groups) this.desired.set(group, 0)
  }

  /** Starts what is asked for: machines that have not joined the cluster yet. */
  start(): void {
    for (const [group, desired] of this.desired) {
      if (this.dry.has(group)) continue
      while (this.#of(group).length < desired) {
        this.#made += 1
        this.#machines.push({ id: `i-${this.#made}`, group, status: 'starting', tasks: 0 })
      }
    }
  }

  /** All machines that started have joined; answers the ids of all. */
  join(): string[] {
    for (const machine of this.#machines) {
      if (machine.status === 'starting') machine.status = 'ACTIVE'
    }
    return this.ids()
  }

  change(id: string, change: Partial<Pick<Machine, 'tasks' | 'status'>>): void {
    Object.assign(this.#find(id), change)
  }

  /** The machine breaks, and its group asks for another. */
  lose(id: string): void {
    this.#machines.splice(this.#machines.indexOf(this.#find(id)), 1)
  }

  ids(): string[] {
    return this.#machines.map(({ id }) => id)
  }

  statusOf(id: string): string {
    return this.#find(id).status
  }

  readonly answer = ({ action, body }: Received): Reply => {
    if (action !== '') return this.#answerEcs(action, JSON.parse(String(body)) as EcsInput)
    return this.#answerScaling(new URLSearchParams(String(body)))
  }

  #answerEcs(action: string, input: EcsInput): Reply {
    const joined = this.#machines.filter(({ status }) => status !== 'starting')
    const asked = joined.filter(({ id }) => input.containerInstances?.includes(arnOf(id)))
    switch (action) {
      case 'ListContainerInstances':
        return json({ containerInstanceArns: joined.map(({ id }) => arnOf(id)) })
      case 'DescribeContainerInstances':
        return json({ containerInstances: asked.map(describe), failures: [] })
      case 'UpdateContainerInstancesState':
        for (const machine of asked) {
          machine.status = input.status ?? 'ACTIVE'
          if (machine.status === 'DRAINING') this.onDrain(machine.id)
        }
        return json({ containerInstances: asked.map(describe), failures: [] })
      default:
        return jsonError('UnknownOperationException')
    }
  }

  #answerScaling(input: URLSearchParams): Reply {
    const group = input.get('AutoScalingGroupName') ?? ''
    const action = input.get('Action') ?? ''
    switch (action) {
      case 'DescribeAutoScalingGroups':
        return xml(
          action,
          list(
            'AutoScalingGroups',
            [...this.desired.keys()].map((name) => this.#describeGroup(name)),
          ),
        )
      case 'DescribeScalingActivities': {
        const StatusCode = this.dry.has(group) ? 'Failed' : 'Successful'
        return xml(action, list('Activities', [element('StatusCode', StatusCode)]))
      }
      case 'SetDesiredCapacity':
        this.desired.set(group, Number(input.get('DesiredCapacity')))
        return xml(action, '')
      case 'SuspendProcesses':
        return xml(action, '')
      case 'TerminateInstanceInAutoScalingGroup':
        this.#end(input.get('InstanceId') ?? '')
        return xml(action, '')
      default:
        return { status: 400, body: '<Response/>' }
    }
  }

  #end(id: string): void {
    const machine = this.#find(id)
    if (machine.tasks > 0) throw new Error(`${id} was ended with ${machine.tasks} tasks on it`)
    this.desired.set(machine.group, (this.desired.get(machine.group) ?? 0) - 1)
    this.lose(id)
  }

  #describeGroup(name: string): string {
    const instances = this.#of(name).map(
      ({ id }) => element('InstanceId', id) + element('LifecycleState', 'InService'),
    )
    return (
      element('AutoScalingGroupName', name) +
      element('DesiredCapacity', String(this.desired.get(name))) +
      list('Instances', instances)
    )
  }

  #of(group: string): Machine[] {
    return this.#machines.filter((machine) => machine.group === group)
  }

  #find(id: string): Machine {
    const found = this.#machines.find((machine) => machine.id === id)
    if (found === undefined) throw new Error(`there is no machine ${id}`)
    return found
  }
}

interface EcsInput {
  readonly containerInstances?: readonly string[]
  readonly status?: 'ACTIVE' | 'DRAINING'
}

function describe({ id, status, tasks }: Machine) {
  return {
    containerInstanceArn: arnOf(id),
    ec2InstanceId: id,
    status,
    agentConnected: true,
    runningTasksCount: tasks,
    pendingTasksCount: 0,
  }
}

function arnOf(id: string): string {
  return `arn:aws:ecs:us-east-1:1:container-instance/cluster/${id}`
}

function element(name: string, text: string): string {
  return `<${name}>${text}</${name}>`
}

function list(name: string, members: readonly string[]): string {
  return element(name, members.map((member) => element('member', member)).join(''))
}

function xml(action: string, result: string): Reply {
  const body = element(`${action}Response`, element(`${action}Result`, result))
  return { status: 200, body, headers: { 'content-type': 'text/xml' } }
}
