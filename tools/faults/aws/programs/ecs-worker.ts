/**
 * A container of an ECS task, as far as a worker sees one: the agent and the metadata are behind the
 * proxy, the model server has a port of its own, and the worker's note goes into the campaign's file.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { ENV } from '../../../../lib/registry/env.ts'
import {
  readWorkerService,
  serialiseForWorkers,
} from '../../../../lib/service/serialised-service.ts'
import { findFreePort } from '../../../../worker/query/model.ts'

const { env } = process
const METADATA = 'ECS_CONTAINER_METADATA_URI_V4'

// ECS ends its containers; here the pipe of a supervisor that has gone does.
process.stdin.once('close', () => process.exit(1))
process.stdin.resume()

moveBehindProxy(ENV.agentUri.name)
moveBehindProxy(METADATA)
env[ENV.serviceFile.name] = await givePort(env[ENV.serviceFile.name] ?? '')
note({ what: 'start' })
process.on('SIGTERM', () => note({ what: 'signal', signal: 'SIGTERM' }))
await import(pathToFileURL(env['FAULTS_WORKER_MAIN'] ?? '').href)

function moveBehindProxy(name: string): void {
  const { pathname } = new URL(env[name] ?? '')
  env[name] = `${env['AWS_ENDPOINT_URL']}${pathname}`
}

/** Containers of a cluster each have port 8000 to themselves; processes of one machine do not. */
async function givePort(file: string): Promise<string> {
  const service = readWorkerService(readFileSync(file, 'utf8'), file)
  const container = { ...service.container, port: await findFreePort() }
  const own = `${file}.${process.pid}.json`
  writeFileSync(own, serialiseForWorkers({ ...service, container }))
  return own
}

function note(what: object): void {
  const taskId = env[ENV.taskId.name]
  const record = { at: Date.now(), pid: process.pid, taskId, workerId: taskId, ...what }
  appendFileSync(env['FAULTS_WORKERS'] ?? '', `${JSON.stringify(record)}\n`)
}
