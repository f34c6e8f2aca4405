import { ENV } from '../../registry/env.ts'
import {
  type Environment,
  readEnvironment,
  type SettingsReader,
} from '../../parsing/settings-reader.ts'
import { SIDES } from '../../ports/fleet.ts'
import { QUEUE_NAMES } from '../../ports/queues.ts'
import type { FleetSettings, StoreSettings } from './aws-settings.ts'

const DEFINITION_ARN = /:task-definition\/[^:]+:\d+$/

/**
 * Where table, queues and files are: for a worker and a Lambda. The region is left to the SDK
 * (`AWS_REGION`).
 */
export function readStoreSettings(env: SettingsReader): StoreSettings {
  return {
    tableName: env.text(ENV.tableName.name),
    bucketName: env.text(ENV.bucketName.name),
    queueUrls: env.object(ENV.queueUrls.name, QUEUE_NAMES, (queues) => {
      const names = QUEUE_NAMES.filter((name) => queues.has(name))
      return Object.fromEntries(names.map((name) => [name, queues.url(name)]))
    }),
  }
}

/**
 * The same and where the fleet is, from the environment of a Lambda.
 *
 * @throws ServiceError `invalid-environment`, with every mistake
 */
export function awsSettingsFromEnv(env: Environment): StoreSettings & FleetSettings {
  return readEnvironment(env, 'the environment', (reader) => ({
    ...readStoreSettings(reader),
    ...readFleetSettings(reader),
  }))
}

function readFleetSettings(env: SettingsReader): FleetSettings {
  return {
    clusterName: env.text(ENV.clusterName.name),
    ecsServices: env.object(ENV.ecsServices.name, SIDES, (sides) => ({
      a: sides.text('a'),
      b: sides.text('b'),
    })),
    taskDefinitionArn: env.textLike(
      ENV.taskDefinition.name,
      DEFINITION_ARN,
      'the ARN of a task definition with its revision',
    ),
    ...(env.has(ENV.machines.name) && { machines: readMachines(env) }),
  }
}

function readMachines(env: SettingsReader) {
  return env.object(ENV.machines.name, ['groups', 'idleSeconds'], (machines) => ({
    groups: machines.texts('groups'),
    idleSeconds: machines.numberFromZero('idleSeconds'),
  }))
}
