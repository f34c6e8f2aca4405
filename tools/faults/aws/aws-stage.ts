import { rmSync } from 'node:fs'
import type { StoreSettings } from '../../../lib/adapters/aws/aws-settings.ts'
import { connect } from '../../../lib/client/connect.ts'
import { listen } from '../../../lib/local/http/listen.ts'
import type { Received } from '../../../test/adapters/aws/scripted-server.ts'
import type { Outage } from '../arena.ts'
import type { Stage } from '../stage.ts'
import type { CampaignTiming } from '../timing.ts'
import { type ControlPlane, openControlPlane } from './aws-control-plane.ts'
import { makeAwsWorkerCommand } from './aws-worker-command.ts'
import { type AwsStand, type FaultyWay, openAwsStand } from './open-aws-stand.ts'
import { type EcsStand, openEcsStand } from './open-ecs-stand.ts'
import { ScalerLoops } from './scaler-loops.ts'
import { type ServiceCall, type ServiceName, withInput } from './service-call.ts'
import { makeStageFolder, type StageFolder } from './stage-folder.ts'
import { makeStorm } from './storms.ts'

export interface AwsStageOptions {
  readonly seed: number
  readonly timing: CampaignTiming
  /** At most this long a received message hides, so that a lost one comes back soon. */
  readonly visibilitySeconds: number
}

const TOKEN = 'tokenOfTheCampaign'
const HTTP_GRACE_MS = 500

interface Parts {
  readonly options: AwsStageOptions
  readonly files: StageFolder
  readonly stand: AwsStand
  readonly way: FaultyWay
  readonly ecs: EcsStand
  readonly listener: Awaited<ReturnType<typeof listen>>
}

/** The service over AWS, with faults between it and everything that it calls. */
export class AwsStage implements Stage {
  readonly outages: Outage[] = []
  readonly address: { readonly url: string; readonly token: string }
  readonly service: Stage['service']
  readonly #parts: Parts
  readonly #scaler = new ScalerLoops()
  #plane: ControlPlane
  #release = 1

  private constructor(parts: Parts) {
    this.#parts = parts
    this.address = { url: parts.listener.url, token: TOKEN }
    this.service = { client: connect({ url: parts.listener.url, token: TOKEN }) }
    this.#plane = this.#openPlane()
    this.#scaler.start(this.#plane)
  }

  static async open(options: AwsStageOptions): Promise<AwsStage> {
    const files = makeStageFolder(options.timing)
    const stand = await openAwsStand()
    try {
      const parts = await openParts(options, files, stand)
      return new AwsStage({ options, files, stand, ...parts })
    } catch (error) {
      await stand.close()
      throw error
    }
  }

  get folder(): string {
    return this.#parts.files.folder
  }

  get timing(): CampaignTiming {
    return this.#parts.options.timing
  }

  get ledger() {
    return this.#parts.files.ledger
  }

  get effectsFile(): string {
    return this.#parts.files.effectsFile
  }

  get workersFile(): string {
    return this.#parts.files.workersFile
  }

  get plan() {
    return this.#parts.way.plan
  }

  /** Past all faults. */
  get direct(): StoreSettings {
    return this.#parts.stand.direct
  }

  fault(kind: string, detail?: string): void {
    const more = detail === undefined ? {} : { detail }
    this.ledger.record({ what: 'fault', at: Date.now(), kind, ...more })
  }

  beginOutage(kind: Outage['kind'], taskId?: string): () => void {
    const more = taskId === undefined ? {} : { taskId }
    const outage: Outage = { kind, ...more, fromMs: Date.now(), untilMs: Infinity }
    this.outages.push(outage)
    return () => {
      outage.untilMs = Date.now()
    }
  }

  /** As a deploy does that changes the worker: another task definition, another API and scaler. */
  async rollVersion(): Promise<void> {
    this.#release += 1
    const before = this.#plane
    await this.#scaler.stop()
    this.#plane = this.#openPlane()
    this.#scaler.start(this.#plane)
    await before.close()
  }

  /** Nobody looks meanwhile. */
  async withoutScaler(wait: () => Promise<unknown>): Promise<void> {
    await this.#scaler.stop()
    await wait()
    this.#scaler.start(this.#plane)
  }

  /** What was started has gone when it resolves. */
  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    const { listener, ecs, stand } = this.#parts
    await this.#scaler.stop()
    await ecs.close()
    await listener.close(HTTP_GRACE_MS)
    await this.#plane.close()
    await stand.close()
    if (!keep) rmSync(this.folder, { recursive: true, force: true })
  }

  #openPlane(): ControlPlane {
    const { files, way, ecs, listener } = this.#parts
    const service = files.release(this.#release)
    ecs.deploy(service.version)
    const { log } = files
    const plane = openControlPlane({ store: way.settings, service, token: TOKEN, log })
    listener.serve((request) => plane.fetch(request))
    return plane
  }
}

async function openParts(options: AwsStageOptions, files: StageFolder, stand: AwsStand) {
  const { seed, timing } = options
  const upstreams: Partial<Record<ServiceName, string>> = {}
  const way = await stand.behind(seed, makeStorm(Date.now), {
    upstreamOf: ({ service }) => upstreams[service] ?? stand.direct.endpoint ?? '',
    adapt: (call) => capVisibility(call, options.visibilitySeconds),
    onFault: ({ kind }, { service }) => {
      files.ledger.record({ what: 'fault', at: Date.now(), kind: `${service}: ${kind}` })
    },
  })
  const { workRoot, workersFile, main, log } = files
  const ecs = await openEcsStand({
    stateDir: files.folder,
    command: (version) => {
      const serviceFile = files.serviceFileOf(version)
      const where = { serviceFile, version, workRoot, workersFile, main }
      return makeAwsWorkerCommand({ store: way.settings, ...where })
    },
    version: files.release(1).version,
    stopSeconds: timing.stop_seconds,
    log: log.with({ part: 'ecs' }),
  })
  Object.assign(upstreams, { ecs: ecs.endpoint, agent: ecs.agentEndpoint })
  return { way, ecs, listener: await listen({ host: '127.0.0.1', port: 0 }) }
}

function capVisibility(call: ServiceCall, seconds: number): Received {
  const { action, input, request } = call
  if (action !== 'ReceiveMessage') return request
  const VisibilityTimeout = Math.min(Number(input['VisibilityTimeout']), seconds)
  return withInput(call, { ...input, VisibilityTimeout })
}
