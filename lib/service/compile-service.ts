import type { TaskType } from '../job/job.ts'
import { compileCloud, compileResources } from './compile-machines.ts'
import { compileContainer, compileEnv } from './compile-container.ts'
import { compileJobDefaults } from './compile-job-defaults.ts'
import { compileScaling } from './compile-scaling.ts'
import { compileStorage } from './compile-storage.ts'
import { compileTiming } from './compile-timing.ts'
import type { ServiceJson } from './schema/service-schema.ts'
import type { FrontEnd, Service } from './service.ts'
import { versionOf } from './worker-service.ts'

/** The compiled service of a parsed `service.json`: units in the names, open defaults settled. */
export function compileService(json: ServiceJson): Omit<Service, 'ignored'> {
  const { metadata, scalable_job: ours } = json
  const container = compileContainer(json)
  const described = {
    container,
    resources: compileResources(json),
    slots: {
      command: ours.command_slots,
      query: metadata.rpc.worker_threads,
      queriesBesideCommand: ours.queries_beside_command,
    },
    storage: compileStorage(json.storage),
    timing: compileTiming(json),
  }
  return {
    name: metadata.name,
    version: versionOf(described),
    type: metadata.type,
    taskTypes: taskTypesOf(container),
    ...described,
    ...compileFrontEnd(json.front_end),
    cloud: compileCloud(json),
    jobDefaults: compileJobDefaults(json),
    intake: {
      inlineBytes: ours.intake.inline_bytes,
      bodyBytes: ours.intake.body_bytes,
      maxWaitingJobs: ours.intake.max_waiting_jobs,
    },
    scaling: compileScaling(json),
    logToQueue: {
      command: ours.enable_write_log_to_queue ?? true,
      query: ours.enable_write_log_to_queue ?? false,
    },
    labels: json.labels,
    ...(json.token === undefined ? {} : { token: json.token }),
    ...(json.dockerAuth === undefined ? {} : { registryAuth: json.dockerAuth }),
  }
}

/** An image that starts its own server has no place for commands: it is only asked. */
function taskTypesOf({ port, serverCommand }: Service['container']): TaskType[] {
  if (port === undefined) return ['command']
  return serverCommand === undefined ? ['query'] : ['command', 'query']
}

function compileFrontEnd(given: ServiceJson['front_end']): { frontEnd?: FrontEnd } {
  if (given === undefined) return {}
  const command = given.command ?? given.script
  const machine = given.instance_type
  return {
    frontEnd: {
      image: given.image,
      port: given.port,
      env: compileEnv(given.env),
      cpu: given.cpu,
      memoryMib: given.memory,
      ...(command === undefined ? {} : { command }),
      ...(machine === undefined || machine.startsWith('ecs.') ? {} : { instanceType: machine }),
    },
  }
}
