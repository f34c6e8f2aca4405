import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Client } from '../../lib/client/client.ts'
import { connect } from '../../lib/client/connect.ts'
import { makeJsonLog } from '../../lib/adapters/node/json-log.ts'
import { type LocalService, startLocalService } from '../../lib/local/start-service.ts'

/** Answers every request with `ok`, on $PORT: as little as a model server can do. */
export const ECHO_SERVER = resolve(import.meta.dirname, 'echo-server.mjs')

export interface BenchService {
  readonly local: LocalService
  readonly client: Client
  close(): Promise<void>
}

/** The embedded service with a fixed number of workers, so that scaling does not blur the figures. */
export async function startBenchService(workers: number, querySlots = 4): Promise<BenchService> {
  const folder = mkdtempSync(join(tmpdir(), 'scalable-job-bench-'))
  const serviceFile = join(folder, 'service.json')
  const service = {
    metadata: {
      name: 'bench',
      type: 'ScalableJob',
      instance: workers,
      rpc: { worker_threads: querySlots },
    },
    containers: [
      { image: 'any', command: `exec "${process.execPath}" "${ECHO_SERVER}"`, port: 8000 },
    ],
    autoscaler: { min: workers, max: workers },
  }
  writeFileSync(serviceFile, JSON.stringify(service))
  const local = await startLocalService({
    serviceFile,
    stateDir: join(folder, 'state'),
    host: '127.0.0.1',
    port: 0,
    log: makeJsonLog({ write: () => undefined, level: 'error' }),
    logLevel: 'error',
    version: 'bench',
  })
  const client = connect({ url: local.url, token: local.token })
  await awaitWorkers(client, workers)
  const close = async (): Promise<void> => {
    await local.stop('hurry')
    rmSync(folder, { recursive: true, force: true })
  }
  return { local, client, close }
}

/** One query answered by each worker: everything is warm then. */
async function awaitWorkers(client: Client, count: number): Promise<void> {
  for (;;) {
    const { workers = [] } = await client.service()
    const ready = workers.filter(({ state }) => state === 'idle' || state === 'busy')
    if (ready.length >= count) return
    await new Promise((done) => {
      setTimeout(done, 100)
    })
  }
}

/** Resident memory of a process in MiB (Linux). */
export function residentMib(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) / 1024
}
