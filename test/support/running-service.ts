import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Client } from '../../lib/client/client.ts'
import { connect } from '../../lib/client/connect.ts'
import { waitFor } from './wait-for.ts'

const ENTRY = resolve(import.meta.dirname, '../../bin/scalable-job.ts')

/** Seconds that make a story quick without changing what happens in it. */
export const QUICK_TIMING = {
  beat_seconds: 0.3,
  lease_seconds: { command: 3, query: 3 },
  look_seconds: 0.5,
  protection_hold_seconds: 0.2,
  stop_seconds: 3,
}

/** A service.json for stories: commands only, scaled quickly. */
export function storyService(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    metadata: { name: 'story', type: 'ScalableJob', instance: 0, cpu: 1, memory: 512 },
    containers: [{ image: 'any' }],
    autoscaler: {
      min: 0,
      max: 3,
      strategies: { avg_waiting_length: 1 },
      behavior: { onZero: { scaleDownGracePeriodSeconds: 1 } },
    },
    scalable_job: { timing: QUICK_TIMING },
    ...overrides,
  }
}

/** How its process differs from one that a user starts. */
interface StartOptions {
  /** Arguments of Node itself, such as `--import …`. */
  readonly nodeArgs?: readonly string[]
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** The embedded service as a user runs it: a process of its own, spoken to over HTTP. */
export class RunningService {
  readonly folder: string
  #process: ChildProcess | undefined
  #client: Client | undefined
  #output = ''
  readonly #options: StartOptions

  private constructor(folder: string, options: StartOptions) {
    this.folder = folder
    this.#options = options
  }

  static async make(service: object, options: StartOptions = {}): Promise<RunningService> {
    const folder = await mkdtemp(join(tmpdir(), 'scalable-job-story-'))
    await writeFile(join(folder, 'service.json'), JSON.stringify(service))
    const running = new RunningService(folder, options)
    await running.start()
    return running
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('the service does not run')
    return this.#client
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** Everything that it printed so far. */
  get output(): string {
    return this.#output
  }

  get stateDir(): string {
    return join(this.folder, 'state')
  }

  async start(): Promise<void> {
    rmSync(join(this.stateDir, 'address.json'), { force: true })
    const { nodeArgs = [], env = {} } = this.#options
    const start = [ENTRY, 'start', 'service.json', '--port', '0', '--state', this.stateDir]
    const child = spawn(process.execPath, [...nodeArgs, ...start], {
      cwd: this.folder,
      detached: true,
      env: { ...process.env, ...env },
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    this.#process = child
    this.#client = await this.#connect(child)
  }

  async #connect(child: ChildProcess): Promise<Client> {
    const gone = new Promise<never>((_, fail) => {
      child.once('exit', () => fail(new Error(`it exited: ${this.#output}`)))
    })
    gone.catch(() => undefined) // also when it exits later
    const coming = waitFor(`the service to come up; it printed: ${this.#output}`, () => {
      return JSON.parse(readFileSync(join(this.stateDir, 'address.json'), 'utf8')) as {
        url: string
        token: string
      }
    })
    const address = await Promise.race([coming, gone])
    return connect({ url: address.url, token: address.token })
  }

  /** Ends the service process itself, as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    await this.#end('SIGINT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    const exited = new Promise<void>((done) => {
      child.once('exit', () => done())
    })
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await exited
    this.#process = undefined
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }
}
