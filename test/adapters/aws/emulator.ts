import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { installForTests } from '../../support/install-for-tests.ts'
import { waitFor } from '../../support/wait-for.ts'
import { useTestCredentials } from './test-credentials.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const PYTHON = join(ROOT, '.cache/emulators/bin/python')
const START_MS = 60_000
const STOP_MS = 5000

export type EmulatorName = 'ministack' | 'moto'

export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  stop(): Promise<void>
}

/** Whether tests over the emulators run. */
export const hasEmulators = await installForTests(
  'install-emulators.ts',
  'Tests over AWS emulators are',
)

/**
 * Starts an emulator of one's own, on a free port of this machine alone.
 *
 * @param more - further variables of its environment, which win
 */
export async function startEmulator(
  name: EmulatorName,
  more: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  useTestCredentials()
  const port = await findFreePort()
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  const child = spawn(PYTHON, ARGUMENTS[name](port), {
    cwd: folder,
    env: { ...process.env, ...environmentOf(port, folder), ...more },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-4000)
  })
  const endpoint = `http://127.0.0.1:${port}`
  const killWithMe = (): boolean => child.kill('SIGKILL')
  process.once('exit', killWithMe)
  const stop = async (): Promise<void> => {
    await stopProcess(child)
    process.off('exit', killWithMe)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await waitFor(`${name} to answer`, () => answers(child, endpoint), START_MS)
  } catch (error) {
    await stop()
    throw new Error(`${name} did not start: ${errors}`, { cause: error })
  }
  return { endpoint, stop }
}

const ARGUMENTS: Readonly<Record<EmulatorName, (port: number) => string[]>> = {
  ministack: () => ['-m', 'ministack'],
  moto: (port) => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
}

/** MiniStack listens on all addresses, and for SFTP and MQTT too, unless it is told not to. */
function environmentOf(port: number, folder: string): Record<string, string> {
  return {
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    SERVICES: 'dynamodb,sqs,s3,ecs,cloudwatch,secretsmanager',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    LOG_LEVEL: 'ERROR',
    // No Docker is looked for: its tasks are records.
    DOCKER_HOST: 'unix:///nonexistent',
    TMPDIR: folder,
    S3_DATA_DIR: join(folder, 's3'),
  }
}

async function answers(child: ChildProcess, endpoint: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`)
  const answer = await fetch(endpoint, { signal: AbortSignal.timeout(2000) })
  return answer.status < 500
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  child.once('exit', () => end())
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  const { promise: listening, resolve: start } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => start())
  await listening
  const address = server.address()
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  server.close(() => close())
  await closed
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
