import type { TaskType } from '../job/job.ts'
import {
  compileCloud,
  compileResources,
  compileContainer,
  compileEnv,
  compileStorage,
} from './compile-worker.ts'
import type { ServiceJson } from './schema/service-schema.ts'
import type { FrontEnd, Service, JobDefaults, Timing } from './service.ts'
import { versionOf } from './worker-service.ts'
import type { ScalingPolicy } from '../scaling/scaling-policy.ts'
import { withDefault } from '../scaling/strategies/strategies.ts'

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

const QUERY_RUN_SECONDS = 600
const MS_PER_SECOND = 1000

/** Limits and retries of the jobs that set none of their own. */
function compileJobDefaults(json: ServiceJson): Record<TaskType, JobDefaults> {
  return { command: compileOne(json, 'command'), query: compileOne(json, 'query') }
}

function compileOne({ metadata, queue, scalable_job: ours }: ServiceJson, taskType: TaskType) {
  const limits = ours.limits[taskType]
  const retry = ours.retry[taskType]
  const { keepalive } = metadata.rpc
  const queryRunSeconds = keepalive === undefined ? QUERY_RUN_SECONDS : keepalive / MS_PER_SECOND
  return {
    limits: {
      runSeconds: limits.run_seconds ?? queryRunSeconds,
      queueSeconds: limits.queue_seconds,
      graceSeconds: limits.grace_seconds,
    },
    retry: {
      maxRetries: retry.max_retries ?? (queue.max_delivery ?? 1) - 1,
      maxLosses: retry.max_losses,
      backoffSeconds: retry.backoff_seconds,
    },
    checkpointSeconds: ours.checkpoint_seconds,
  }
}

const OCCUPIED_AFTER_SECONDS = 30

/** `autoscaler`, with `metadata.instance` as the fewest workers where it sets none. */
function compileScaling({ autoscaler, metadata }: ServiceJson): ScalingPolicy {
  const { min, max, strategies, behavior } = autoscaler
  return {
    min: min ?? metadata.instance,
    max,
    strategies: withDefault(strategies),
    scaleUpStabilizationSeconds: behavior.scaleUp.stabilizationWindowSeconds,
    scaleDownStabilizationSeconds: behavior.scaleDown.stabilizationWindowSeconds,
    zeroGraceSeconds: behavior.onZero.scaleDownGracePeriodSeconds,
    activationWorkers: behavior.onZero.scaleUpActivationReplicas,
    occupiedAfterSeconds: OCCUPIED_AFTER_SECONDS,
  }
}

/** PAI-EAS: `eas.termination_grace_period` is 30 s unless set. */
const STOP_SECONDS = 30

/** `scalable_job.timing`, with the grace period of PAI-EAS as the stop time where it sets none. */
function compileTiming({ metadata, scalable_job: { timing } }: ServiceJson): Timing {
  return {
    beatSeconds: timing.beat_seconds,
    leaseSeconds: { command: timing.lease_seconds.command, query: timing.lease_seconds.query },
    lookSeconds: timing.look_seconds,
    kickOnSubmit: timing.kick_on_submit,
    protectionMinutes: timing.protection_minutes,
    protectionHoldSeconds: timing.protection_hold_seconds,
    stopSeconds: timing.stop_seconds ?? metadata.eas.termination_grace_period ?? STOP_SECONDS,
  }
}
