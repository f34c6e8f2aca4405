import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  type ContainerDefinition,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
} from '@aws-sdk/client-ecs'
import { ENV } from '../../lib/registry/env.ts'
import { INSTALL_ROOT, INSTALL_SOURCE } from '../../lib/registry/agreements.ts'
import { DIGITS } from '../cdk/synth-service.ts'
import { FakeAgent } from '../worker/support/fake-agent.ts'

export interface EcsTaskOptions {
  readonly ecs: ECSClient
  readonly cluster: string
  /** As ECS lists it. */
  readonly taskArn: string
  /** Folder of the worker's image. */
  readonly imageFolder: string
  readonly endpoint: string
  /** Stands for the file systems of the task. */
  readonly root: string
}

export interface EcsTask {
  output(): string
  /** SIGKILL: with the worker all ends that it has started. */
  kill(): Promise<void>
}

/**
 * Runs the containers of a task as processes of this machine, with the commands and environments of
 * its task definition: `install`, then `worker`. ECS's own endpoints in it are served here.
 */
export async function runEcsTask(options: EcsTaskOptions): Promise<EcsTask> {
  const { root, imageFolder, endpoint, taskArn } = options
  const { install, worker } = await readContainers(options)
  const onHost = pathsOf(root)
  await mkdir(onHost(INSTALL_ROOT), { recursive: true })
  await cp(imageFolder, onHost(INSTALL_SOURCE), { recursive: true })
  await promisify(execFile)(process.execPath, (install.command ?? []).map(onHost), {
    env: environmentOf(install, onHost),
  })
  // The working directory of the user's image, with the program that its command names.
  const cwd = join(root, 'image')
  await cp(dirname(DIGITS), cwd, { recursive: true })
  const ecs = await serveEcs(taskArn)
  const [, ...flags] = worker.entryPoint ?? []
  const child = spawn(process.execPath, [...flags, ...(worker.command ?? []).map(onHost)], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      ...environmentOf(worker, onHost),
      ...ecs.env,
      AWS_ENDPOINT_URL: endpoint,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return toTask(child, ecs.close)
}

function toTask(child: ChildProcess, close: () => Promise<void>): EcsTask {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (piece: Buffer) => (text += piece.toString()))
  }
  const ended = once(child, 'exit')
  return {
    output: () => text,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
      await close()
    },
  }
}

async function readContainers({ ecs, cluster, taskArn }: EcsTaskOptions) {
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: tasks[0]?.taskDefinitionArn }),
  )
  const find = (name: string): ContainerDefinition => {
    const found = taskDefinition?.containerDefinitions?.find((each) => each.name === name)
    if (found === undefined) throw new Error(`the task definition has no container ${name}`)
    return found
  }
  return { install: find('install'), worker: find('worker') }
}

/** A path of a container → where it lies here. */
function pathsOf(root: string): (text: string) => string {
  return (text) => (text.startsWith('/') ? join(root, 'containers', text) : text)
}

function environmentOf(
  { environment = [] }: ContainerDefinition,
  onHost: (text: string) => string,
): Record<string, string> {
  const given = environment.map(({ name = '', value = '' }) => [name, onHost(value)])
  return Object.fromEntries(given)
}

/** As ECS gives them to a task; what it gives by a relative address needs its own network. */
const TASK_CREDENTIALS = { AccessKeyId: 'test', SecretAccessKey: 'test', Token: 'of the task' }

/** The agent's endpoint of the task, its metadata, and the credentials of its role. */
async function serveEcs(
  TaskARN: string,
): Promise<{ env: Record<string, string>; close: () => Promise<void> }> {
  const agent = new FakeAgent()
  const metadata = createServer((request, response) => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString()
    const answer = request.url === '/role' ? { ...TASK_CREDENTIALS, Expiration } : { TaskARN }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  })
  metadata.listen(0, '127.0.0.1')
  await once(metadata, 'listening')
  const address = metadata.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    env: {
      [ENV.agentUri.name]: await agent.listen(),
      ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}`,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role`,
    },
    close: async () => {
      metadata.closeAllConnections()
      metadata.close()
      await agent.close()
    },
  }
}
