import { randomUUID } from 'node:crypto'
import {
  openSupervisor,
  type Supervisor,
} from '../../../lib/adapters/child-processes/open-supervisor.ts'
import type { WorkerCommand } from '../../../lib/adapters/child-processes/task/spawn-worker.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { SIDES } from '../../../lib/ports/fleet.ts'
import type { Log } from '../../../lib/ports/log.ts'
import { jsonError, startScripted } from '../../../test/adapters/aws/scripted-server.ts'
import { answerAsEcs } from './ecs-of-fleet.ts'

export interface EcsStandOptions {
  readonly stateDir: string
  readonly command: (version: string) => WorkerCommand
  /** Of the workers that both services start at first. */
  readonly version: string
  readonly stopSeconds: number
  readonly log: Log
}

/** ECS with workers that really run: its API, and the agent beside each task. */
export interface EcsStand {
  readonly endpoint: string
  /** Of the agent and the metadata; the path of a worker follows it. */
  readonly agentEndpoint: string
  /** A task definition of this version is the newest. */
  deploy(version: string): void
  close(): Promise<void>
}

const STOP_MARGIN_SECONDS = 30
const CLOSE_SECONDS = 10

export async function openEcsStand(options: EcsStandOptions): Promise<EcsStand> {
  const { stateDir, command, version, stopSeconds, log } = options
  const supervisor = await openSupervisor({
    stateDir,
    command: (task) => command(task.version),
    stopSeconds: stopSeconds + STOP_MARGIN_SECONDS,
    clock: systemClock,
    log,
    gpus: [],
    // The campaign kills workers far more often than they ever die by themselves.
    restartBackoff: { initialSeconds: 0.2, maxSeconds: 2, stableSeconds: 10 },
    // An ARN without a slash can be a part of a path too.
    newId: () => `arn:aws:ecs:us-east-1:1:task:${randomUUID()}`,
    onKick: () => undefined,
    onTaskStopped: () => undefined,
  })
  supervisor.deploy(version)
  for (const side of SIDES) await supervisor.place(side, version)
  const server = await serve(supervisor)
  return {
    endpoint: server.endpoint,
    agentEndpoint: supervisor.agentAddress,
    deploy: (next) => supervisor.deploy(next),
    close: async () => {
      await server.stop()
      await supervisor.stopAll({ graceSeconds: CLOSE_SECONDS })
    },
  }
}

function serve(supervisor: Supervisor) {
  return startScripted(async ({ action, body }) => {
    try {
      return await answerAsEcs(supervisor, action, JSON.parse(String(body)) as object)
    } catch (error) {
      return jsonError('InvalidParameterException', 400, { message: String(error) })
    }
  })
}
