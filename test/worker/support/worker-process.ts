import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ENV } from '../../../lib/registry/env.ts'
import { WORKER_FOLDER } from '../../../lib/registry/package-files.ts'
import { parseServiceConfig } from '../../../lib/service/parse-service-config.ts'
import { serialiseForWorkers } from '../../../lib/service/serialised-service.ts'
import type { Bench } from './a-bench.ts'

const MAIN = join(WORKER_FOLDER, 'main.js')

/** A worker as its own process, as a supervisor or ECS starts it. */
export interface WorkerProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly workerId: string
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>
  output(): string
}

export interface WorkerProcessOptions {
  readonly agentUri: string
  readonly serviceJson: object
  /** Instead of what the service.json makes: the text of the file that the worker reads. */
  readonly serviceText?: string
  readonly hasSupervisor?: boolean
  readonly workerId?: string
  /** The program; one bundled for the tests unless another is named. */
  readonly main?: string
  /** Instead of a pipe. */
  readonly logFile?: string
}

export async function startWorkerProcess(
  bench: Bench,
  {
    agentUri,
    serviceJson,
    serviceText = serialiseForWorkers(parseServiceConfig(serviceJson)),
    hasSupervisor = false,
    workerId = 'w1',
    main = MAIN,
    logFile,
  }: WorkerProcessOptions,
): Promise<WorkerProcess> {
  const serviceFile = join(bench.root, 'serialised-service.json')
  await writeFile(serviceFile, serviceText)
  const env = {
    PATH: process.env['PATH'] ?? '',
    [ENV.stateDir.name]: bench.stateDir,
    [ENV.serviceFile.name]: serviceFile,
    [ENV.version.name]: 'v1',
    [ENV.workerId.name]: workerId,
    [ENV.taskId.name]: `task-${workerId}`,
    [ENV.workDir.name]: join(bench.root, 'work'),
    [ENV.agentUri.name]: agentUri,
    ...(hasSupervisor && { [ENV.supervisorUri.name]: agentUri }),
  }
  const log = logFile === undefined ? 'pipe' : openSync(logFile, 'a')
  const child = spawn(process.execPath, [main], { env, stdio: ['pipe', log, log] })
  if (typeof log === 'number') closeSync(log)
  let text = ''
  child.stdout?.on('data', (piece: Buffer) => (text += String(piece)))
  child.stderr?.on('data', (piece: Buffer) => (text += String(piece)))
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, pid: child.pid ?? 0, workerId, exited, output: () => text }
}
