import { App, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import { ServiceStores } from '../../../lib/cdk/stores/service-stores.ts'
import { WorkerFleet, type WorkerFleetProps } from '../../../lib/cdk/fleet/worker-fleet.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { makeOnce } from '../make-once.ts'

/** service.json of a trainer with one GPU. */
export function trainerJson(overrides: Record<string, unknown> = {}) {
  return {
    metadata: { name: 'trainer', type: 'ScalableJob', cpu: 4, memory: 16_000, gpu: 1 },
    containers: [{ image: 'trainer:1' }],
    ...overrides,
  }
}

/** The same without GPU. */
export function cpuJson(overrides: Record<string, unknown> = {}) {
  const metadata = { name: 'crawler', type: 'ScalableJob', cpu: 1, memory: 3000 }
  return trainerJson({ metadata, ...overrides })
}

type FleetProps = Omit<WorkerFleetProps, 'service' | 'stores'>

export interface SynthesizedFleet {
  readonly stack: Stack
  readonly fleet: WorkerFleet
  readonly template: Template
  /** One container of the workers' task definition, as the template has it. */
  readonly container: (name: string) => Container
  readonly taskDefinition: () => Record<string, unknown> & { Volumes: Record<string, unknown>[] }
  readonly warnings: () => string[]
}

export interface Container {
  readonly [name: string]: unknown
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[]
}

type MakeFleetProps = FleetProps | ((stack: Stack) => FleetProps)

/** A fleet in a stack of its own, without account and region, as `cdk synth` sees it at first. */
export function aFleet(json: object, makeProps: MakeFleetProps = {}): SynthesizedFleet {
  return makeOnce({ json, makeProps }, () => aNewFleet(json, makeProps))
}

/** The same, synthesized anew although it stands already. */
export function aNewFleet(json: object, makeProps: MakeFleetProps = {}): SynthesizedFleet {
  const stack = new Stack(new App(), 'Test')
  const props = typeof makeProps === 'function' ? makeProps(stack) : makeProps
  const service = parseServiceConfig(json)
  const fleet = new WorkerFleet(stack, 'Fleet', { service, stores: someStores(stack), ...props })
  const template = Template.fromStack(stack)
  const taskDefinition = () => definitionOf(template)
  return {
    stack,
    fleet,
    template,
    taskDefinition,
    container: (name) => {
      const containers = taskDefinition()['ContainerDefinitions'] as Container[]
      const found = containers.find((each) => each['Name'] === name)
      if (found === undefined) throw new Error(`no container ${name}`)
      return found
    },
    warnings: () =>
      Annotations.fromStack(stack)
        .findWarning('*', Match.anyValue())
        .map(({ entry }) => entry.data as string),
  }
}

export function someStores(stack: Stack): ServiceStores {
  return new ServiceStores(stack, 'Stores', {
    removalPolicy: RemovalPolicy.RETAIN,
    corsOrigins: [],
  })
}

function definitionOf(template: Template) {
  const found = Object.values(template.findResources('AWS::ECS::TaskDefinition')).find(
    ({ Properties }) => /Fleet-Worker/.test(String(Properties.Family)),
  )
  return found?.['Properties'] as ReturnType<SynthesizedFleet['taskDefinition']>
}

export function valueOf({ Environment }: Container, name: string): unknown {
  return Environment.find((each) => each.Name === name)?.Value
}
