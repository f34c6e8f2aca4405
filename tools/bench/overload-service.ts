import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../lib/client/client.ts'
import { connect } from '../../lib/client/connect.ts'

const ENTRY = resolve(import.meta.dirname, '../../bin/scalable-job.ts')
const SERVER = resolve(import.meta.dirname, 'overload-server.mjs')
const SLOTS = 4
const START_MS = 60_000

/** One worker with four slots for queries, whose model server never answers `/hold`. */
const SERVICE = {
  metadata: {
    name: 'overload',
    type: 'ScalableJob',
    instance: 1,
    rpc: { worker_threads: SLOTS },
  },
  containers: [{ image: 'any', command: `exec "${process.execPath}" "${SERVER}"`, port: 8000 }],
  autoscaler: { min: 1, max: 1 },
  scalable_job: { intake: { max_waiting_jobs: 10_000_000 } },
}

/** The embedded service as a process of its own, so that its memory is its own. */
export class OverloadService {
  readonly folder = mkdtempSync(join(tmpdir(), 'scalable-job-overload-'))
  readonly serviceFile = join(this.folder, 'service.json')
  readonly stateDir = join(this.folder, 'state')
  #process: ChildProcess | undefined
  #client: Client | undefined
  #token = ''

  constructor() {
    mkdirSync(this.stateDir)
    writeFileSync(this.serviceFile, JSON.stringify(SERVICE))
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('the service does not run')
    return this.#client
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  get token(): string {
    return this.#token
  }

  /** @returns milliseconds until it answered for the first time */
  async start(): Promise<number> {
    const startMs = performance.now()
    rmSync(join(this.stateDir, 'address.json'), { force: true })
    const args = [ENTRY, 'start', this.serviceFile, '--port', '0', '--state', this.stateDir]
    this.#process = spawn(process.execPath, args, { cwd: this.folder, stdio: 'ignore' })
    for (;;) {
      const address = this.#readAddress()
      if (address !== undefined) {
        this.#token = address.token
        this.#client = connect({ url: address.url, token: address.token })
        await this.#client.health()
        return performance.now() - startMs
      }
      if (performance.now() - startMs > START_MS) throw new Error('the service did not start')
      await sleep(5)
    }
  }

  /** Fills every slot with a query that does not end: from then on nothing is taken. */
  async hold(): Promise<string[]> {
    const request = { path: '/hold' }
    const limits = { runSeconds: 3600 }
    const jobs = await Promise.all(
      Array.from({ length: SLOTS }, () =>
        this.client.submit({ taskType: 'query', input: {}, request, limits }),
      ),
    )
    for (const { id } of jobs) {
      while ((await this.client.get(id)).status !== 'running') await sleep(50)
    }
    return jobs.map(({ id }) => id)
  }

  /** As Ctrl-C twice does; SIGKILL is how a power cut looks. */
  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    const exited = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGINT') setTimeout(() => child.kill('SIGINT'), 300).unref()
    await exited
    this.#process = undefined
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #readAddress(): { url: string; token: string } | undefined {
    try {
      return JSON.parse(readFileSync(join(this.stateDir, 'address.json'), 'utf8')) as {
        url: string
        token: string
      }
    } catch {
      return undefined // not there yet
    }
  }
}
