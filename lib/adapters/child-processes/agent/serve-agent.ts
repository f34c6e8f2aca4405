import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Log } from '../../../ports/log.ts'
import { parseProtectionBody, type ProtectionAsk, type ProtectionRefusal } from './protection.ts'
import { isProtected, type WorkerTask } from '../task/worker-task.ts'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

export interface AgentDeps {
  readonly findBySecret: (secret: string) => WorkerTask | undefined
  readonly setProtection: (task: WorkerTask, ask: ProtectionAsk) => ProtectionRefusal | undefined
  readonly monotonicMs: () => number
  readonly onKick: () => void
  readonly log: Log
}

const MAX_BODY_BYTES = 64 * 1024
const STATE_PATH = '/:secret/task-protection/v1/state'

/**
 * What a worker reaches below its own address: task protection as the ECS agent serves it, task
 * metadata (version 4, the fields that a worker reads), and `kick` for the scaler.
 *
 * Source: AWS, "Amazon ECS task scale-in protection endpoint"; amazon-ecs-agent.
 */
function makeAgentApp(deps: AgentDeps): Hono {
  const app = new Hono()
  const withTask = (answer: (task: WorkerTask, c: Context) => Response | Promise<Response>) => {
    return (c: Context): Response | Promise<Response> => {
      const task = deps.findBySecret(c.req.param('secret') ?? '')
      return task === undefined ? fail(c, 404, 'no such task') : answer(task, c)
    }
  }
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => fail(c, 413, `the body is larger than ${MAX_BODY_BYTES} bytes`),
  })
  app.get(
    STATE_PATH,
    withTask((task, c) => c.json(showProtection(task, deps))),
  )
  app.put(
    STATE_PATH,
    limit,
    withTask((task, c) => putProtection(task, c, deps)),
  )
  app.get(
    '/:secret/task',
    withTask((task, c) => c.json(showMetadata(task))),
  )
  app.post(
    '/:secret/kick',
    withTask((_task, c) => {
      deps.onKick()
      return c.json({}, 202)
    }),
  )
  app.notFound((c) => fail(c, 404, 'no such path'))
  app.onError((error, c) => {
    deps.log.error('the agent endpoint failed', { error: String(error) })
    return fail(c, 500, 'internal fault')
  })
  return app
}

async function putProtection(task: WorkerTask, c: Context, deps: AgentDeps): Promise<Response> {
  const parsed = parseProtectionBody(await c.req.text())
  if (!parsed.ok) return fail(c, 400, `invalid request: ${parsed.why}`)
  const refusal = deps.setProtection(task, parsed.ask)
  if (refusal === undefined) return c.json(showProtection(task, deps))
  // As in ECS, a refusal is an answer with status 200.
  return c.json({ failure: { Arn: task.taskId, Detail: null, Reason: refusal } })
}

function showProtection(task: WorkerTask, { monotonicMs }: AgentDeps): object {
  const until = isProtected(task, monotonicMs()) ? task.protection?.untilMs : undefined
  return {
    protection: {
      ExpirationDate: until === undefined ? null : new Date(until).toISOString(),
      ProtectionEnabled: until !== undefined,
      TaskArn: task.taskId,
    },
  }
}

function showMetadata({ taskId, side, version }: WorkerTask): object {
  return {
    Cluster: 'embedded',
    TaskARN: taskId,
    Family: `worker-${side}`,
    Revision: version,
    ServiceName: side,
    DesiredStatus: 'RUNNING',
    KnownStatus: 'RUNNING',
  }
}

const CODES: Readonly<Record<number, string>> = {
  400: 'InvalidParameterException',
  404: 'ResourceNotFoundException',
  413: 'InvalidParameterException',
}

function fail(c: Context, status: ContentfulStatusCode, message: string): Response {
  return c.json({ error: { Code: CODES[status] ?? 'ServerException', Message: message } }, status)
}

export interface AgentServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly address: string
  close(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 5_000

/** Serves on a free port that only this machine reaches. */
export async function serveAgent(deps: AgentDeps): Promise<AgentServer> {
  const listener = getRequestListener(makeAgentApp(deps).fetch)
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A connection that cannot be accepted must not end the supervisor and its workers.
  server.on('error', (error) => process.emitWarning(error))
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, close: () => close(server) }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
