import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { RunningService } from '../../test/support/running-service.ts'
import { ControlFile } from './control.ts'
import { type AgentProxy, startAgentProxy } from './inject/agent-proxy.ts'
import { Ledger } from './ledger.ts'
import { makeServiceFile } from './service-file.ts'
import type { CampaignTiming } from './timing.ts'

const PRELOAD = new URL('preload/service.ts', import.meta.url).href
const WORKER_PRELOAD = fileURLToPath(new URL('preload/worker.ts', import.meta.url))

/** A time in which the campaign itself had something down. */
export interface Outage {
  /**
   * - down: the service, or one worker
   * - faulty: the disk, so that workers fail at their part
   * - away: the scaler; no job may suffer from it, but nothing can be noticed
   * - troubled: the store; no job may suffer from it
   */
  readonly kind: 'down' | 'faulty' | 'away' | 'troubled'
  /** Of the worker; absent: everything. */
  readonly taskId?: string
  readonly fromMs: number
  /** Infinity while it lasts. */
  untilMs: number
}

/** The service under test, and everything by which a campaign breaks and watches it. */
export class Arena {
  readonly folder: string
  readonly timing: CampaignTiming
  readonly ledger: Ledger
  readonly control: ControlFile
  readonly outages: Outage[] = []
  readonly effectsFile: string
  readonly workersFile: string
  readonly #proxy: AgentProxy
  #service: RunningService | undefined
  #release = 1
  #address = { url: 'http://127.0.0.1:1', token: '' }

  private constructor(folder: string, timing: CampaignTiming, proxy: AgentProxy) {
    this.folder = folder
    this.timing = timing
    this.#proxy = proxy
    this.effectsFile = join(folder, 'effects')
    this.workersFile = join(folder, 'workers.jsonl')
    this.ledger = new Ledger(join(folder, 'ledger.jsonl'))
    this.control = new ControlFile(join(folder, 'control.json'))
    for (const file of [this.effectsFile, this.workersFile]) appendFileSync(file, '')
  }

  static async open(timing: CampaignTiming): Promise<Arena> {
    const folder = mkdtempSync(join(tmpdir(), 'scalable-job-faults-'))
    const arena = new Arena(folder, timing, await startAgentProxy())
    arena.#service = await RunningService.make(arena.#serviceFile(), {
      nodeArgs: ['--disable-warning=ExperimentalWarning', '--import', PRELOAD],
      env: {
        FAULTS_CONTROL: arena.control.path,
        FAULTS_WORKERS: arena.workersFile,
        FAULTS_AGENT_PROXY: arena.#proxy.url,
        FAULTS_WORKER_PRELOAD: bundlePreload(folder),
      },
    })
    return arena
  }

  get service(): RunningService {
    if (this.#service === undefined) throw new Error('the service was never started')
    return this.#service
  }

  /** Where the service listens, or listened last. */
  get address(): { url: string; token: string } {
    try {
      const text = readFileSync(join(this.service.stateDir, 'address.json'), 'utf8')
      this.#address = JSON.parse(text) as { url: string; token: string }
    } catch {
      // It is down.
    }
    return this.#address
  }

  get agent(): AgentProxy {
    return this.#proxy
  }

  /** The next start of the service brings a new worker version. */
  rollVersion(): void {
    this.#release += 1
    const text = JSON.stringify(this.#serviceFile())
    writeFileSync(join(this.service.folder, 'service.json'), text)
  }

  fault(kind: string, detail?: string): void {
    const more = detail === undefined ? {} : { detail }
    this.ledger.record({ what: 'fault', at: Date.now(), kind, ...more })
  }

  /** From now until the answer is called. */
  beginOutage(kind: Outage['kind'], taskId?: string): () => void {
    const outage: Outage = {
      kind,
      ...(taskId !== undefined && { taskId }),
      fromMs: Date.now(),
      untilMs: Infinity,
    }
    this.outages.push(outage)
    return () => {
      outage.untilMs = Date.now()
    }
  }

  async close({ keep }: { keep: boolean }): Promise<void> {
    if (keep) {
      await this.service.stop()
      writeFileSync(join(this.folder, 'service.log'), this.service.output)
    } else await this.service[Symbol.asyncDispose]()
    await this.#proxy.close()
    if (!keep) rmSync(this.folder, { recursive: true, force: true })
  }

  #serviceFile(): Record<string, unknown> {
    const { timing, effectsFile, control } = this
    return makeServiceFile({
      timing,
      release: this.#release,
      effectsFile,
      controlFile: control.path,
    })
  }
}

/** In JavaScript: the worker's beat thread loads it too, and may not strip types. */
function bundlePreload(folder: string): string {
  const outfile = join(folder, 'worker-preload.mjs')
  buildSync({
    entryPoints: [WORKER_PRELOAD],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  })
  return pathToFileURL(outfile).href
}
