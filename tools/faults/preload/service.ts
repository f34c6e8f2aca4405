/**
 * Loaded into the service in front of its program: notes every worker that it starts and every
 * signal that it sends to one, gives workers their own preloaded module, and puts a proxy between
 * them and the agent endpoint.
 */
import childProcess, { type ChildProcess } from 'node:child_process'
import { openSync, writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { WorkerRecord } from '../watch/worker-records.ts'
import { breakDatabase } from './break-database.ts'
import { breakDisk } from './break-disk.ts'

const WORKER_PRELOAD = process.env['FAULTS_WORKER_PRELOAD'] ?? ''
const PROXY = process.env['FAULTS_AGENT_PROXY'] ?? ''
// Opened before anything is broken.
const records = openSync(process.env['FAULTS_WORKERS'] ?? '', 'a')

type Env = Record<string, string>
type Spawn = (file: string, args: readonly string[], options: { env?: Env }) => ChildProcess

const spawn = childProcess.spawn as unknown as Spawn
const spawnNoted: Spawn = (file, args, options) => {
  const isWorker = args.some((arg) => arg.includes('/worker-program/'))
  return isWorker ? spawnWorker(file, args, options) : spawn(file, args, options)
}
Object.assign(childProcess, { spawn: spawnNoted })
syncBuiltinESMExports()
breakDisk('service')
breakDatabase('service')

function spawnWorker(...[file, args, options]: Parameters<Spawn>): ChildProcess {
  const { env = {} } = options
  const more = {
    FAULTS_CONTROL: process.env['FAULTS_CONTROL'] ?? '',
    ECS_AGENT_URI: viaProxy(env['ECS_AGENT_URI'] ?? ''),
  }
  const whole = ['--import', WORKER_PRELOAD, ...args]
  const child = spawn(file, whole, { ...options, env: { ...env, ...more } })
  const worker = {
    pid: child.pid ?? 0,
    taskId: env['SCALABLE_JOB_TASK_ID'] ?? '',
    workerId: env['SCALABLE_JOB_WORKER_ID'] ?? '',
  }
  note({ at: Date.now(), what: 'start', ...worker })
  child.once('exit', () => note({ at: Date.now(), what: 'exit', ...worker }))
  const kill = child.kill.bind(child)
  child.kill = (signal) => {
    // One that has exited gets none.
    const isThere = child.exitCode === null && child.signalCode === null
    if (isThere) note({ at: Date.now(), what: 'signal', signal: String(signal), ...worker })
    return kill(signal)
  }
  return child
}

/** `http://127.0.0.1:1234/secret` → `http://127.0.0.1:<proxy>/1234/secret` */
function viaProxy(uri: string): string {
  const { port, pathname } = new URL(uri)
  return `${PROXY}/${port}${pathname}`
}

function note(record: WorkerRecord): void {
  writeSync(records, `${JSON.stringify(record)}\n`)
}
