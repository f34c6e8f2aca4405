import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../lib/client/client.ts'
import { connect } from '../../lib/client/connect.ts'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import { isEnded } from '../../lib/job/job.ts'
import type { EndMessage } from '../../lib/job/messages.ts'
import type { DecisionRecord } from '../../lib/scaling/decision.ts'
import { listOf, referredId } from '../../tools/cost/template.ts'
import { hasEmulators } from '../adapters/aws/emulator.ts'
import { waitFor } from '../support/wait-for.ts'
import { program } from '../worker/support/programs.ts'
import { deployDigits, type DeployedDigits } from './deploy-digits.ts'
import { type EcsTask, runEcsTask } from './ecs-task.ts'

const DEPLOY_MS = 120_000
/** A cancel takes a beat of 10 s to arrive. */
const JOB_MS = 30_000
const TEST_MS = 60_000
/** Letters and digits alone: what the secret asks for, and the emulator does not keep to. */
const TOKEN = 'tokenOfThisStack'
const TRAIN = {
  taskType: 'command' as const,
  command: 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --hidden 8 --epochs 4',
}
/** 8 by 8 pixels. */
const BLANK: readonly number[] = Array.from({ length: 64 }, () => 0)
/** Between two looks by the clock, less what the emulator's own start of one takes. */
const LOOK_MS = 9000

describe.skipIf(!hasEmulators)(
  'the digits example, deployed by CloudFormation',
  { timeout: TEST_MS },
  () => {
    let deployed: DeployedDigits
    let api: Client
    let ecs: ECSClient
    let task: EcsTask | undefined

    const typeOf = (id: string): string | undefined =>
      deployed.assembly.template.Resources[id]?.Type
    const physicalIdOf = (type: string): string => {
      const found = Object.entries(deployed.stack.resources).find(([id]) => typeOf(id) === type)
      if (found === undefined) throw new Error(`the stack has no ${type}`)
      return found[1]
    }
    const output = (name: string): string => deployed.stack.outputs[name] ?? ''
    const decisions = async (): Promise<readonly DecisionRecord[]> =>
      (await api.service()).decisions as readonly DecisionRecord[]
    const reaching = async (id: string, is: (job: JobView) => boolean): Promise<JobView> => {
      const ask = async (): Promise<JobView | false> => {
        const job = await api.get(id)
        return is(job) && job
      }
      try {
        return await waitFor(`job ${id}`, ask, JOB_MS)
      } catch (error) {
        throw new Error(`the worker says: ${task?.output() ?? 'nothing'}`, { cause: error })
      }
    }
    const ended = (id: string) => reaching(id, ({ status }) => isEnded(status))

    beforeAll(async () => {
      deployed = await deployDigits()
      ecs = new ECSClient(deployed.at)
      api = connect({ url: deployed.apiUrl, token: TOKEN })
      const secrets = new SecretsManagerClient(deployed.at)
      const SecretString = JSON.stringify({ token: TOKEN })
      await secrets.send(
        new PutSecretValueCommand({ SecretId: output('TokenSecret'), SecretString }),
      )
      secrets.destroy()
    }, DEPLOY_MS)
    afterAll(async () => {
      await task?.kill()
      ecs?.destroy()
      await deployed?.stop()
    })

    test('every resource of the template is created, one of them as a stand-in', () => {
      const { stack, assembly, fitted } = deployed
      const wanted = Object.keys(assembly.template.Resources)
      expect(Object.keys(stack.resources).toSorted()).toEqual(wanted.toSorted())
      expect(Object.keys(fitted.replaced).map(typeOf)).toEqual(['AWS::CloudWatch::Alarm'])
    })

    test('the API lets in whoever has the token; health and description are open', async () => {
      const ask = async (path: string, authorization?: string): Promise<number> => {
        const headers = authorization === undefined ? {} : { authorization }
        const { status } = await fetch(`${deployed.apiUrl}${path}`, { headers })
        return status
      }
      expect(await ask('/jobs')).toBe(401)
      expect(await ask('/jobs', 'wrong')).toBe(403)
      expect(await ask('/jobs', `Bearer ${TOKEN}`)).toBe(200)
      expect(await ask('/healthz')).toBe(200)
      expect(await ask('/openapi.json')).toBe(200)
      expect(await ask('/no-such-route', TOKEN)).toBe(404)
    })

    let trained: JobView
    let taskArn: string

    test('an accepted job kicks the scaler, which starts the first worker', async () => {
      const idempotencyKey = randomUUID()
      trained = await api.submit(TRAIN, { idempotencyKey })
      const decision = await waitFor('a decision', async () => (await decisions())[0])
      expect(decision).toMatchObject({
        cause: 'kick',
        reason: 'leaving-zero',
        wanted: 1,
        inputs: { waiting: { command: 1, query: 0 }, unseen: [] },
      })
      const command = new ListTasksCommand({ cluster: physicalIdOf('AWS::ECS::Cluster') })
      taskArn = await waitFor('a task', async () => (await ecs.send(command)).taskArns?.[0])

      const again = await api.submit(TRAIN, { idempotencyKey })
      expect(again.id).toBe(trained.id)
      const other = api.submit({ ...TRAIN, command: 'echo other' }, { idempotencyKey })
      await expect(other).rejects.toMatchObject({ status: 409 })
    })

    test('the worker of that task runs it, and keeps its log and artifacts in S3', async () => {
      task = await runEcsTask({
        ecs,
        cluster: physicalIdOf('AWS::ECS::Cluster'),
        taskArn,
        imageFolder: deployed.assembly.imageFolder,
        endpoint: deployed.at.endpoint,
        root: join(deployed.folder, 'task'),
      })
      const job = await ended(trained.id)
      expect(job).toMatchObject({ status: 'succeeded', attempt: 1, exitCode: 0 })
      const { lines } = await api.readLogs(job.id)
      expect(lines.map(({ text }) => text).join('\n')).toMatch(/epoch +4/)
      const result = await api.result(job.id)
      expect(JSON.parse(result.body.toString())).toMatchObject({ reason: 'completed', exitCode: 0 })

      const files = await api.artifacts(job.id)
      const model = files.find(({ path }) => path === 'model.json')
      if (model === undefined) throw new Error('the model was not kept')
      const bytes = await readFile(await api.download(model, deployed.folder))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(model.sha256)
      const s3 = new S3Client(deployed.at)
      const Prefix = `jobs/${job.id}/1/artifacts/`
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: output('Bucket'), Prefix }),
      )
      expect(Contents.map(({ Key }) => Key)).toContain(`${Prefix}model.json`)
      s3.destroy()
    })

    test('its end comes on the output queue, which the API hands out', async () => {
      const seen: { readonly kind: string; readonly jobId: string }[] = []
      const end = await waitFor('the end', async () => {
        const { messages } = await api.output({ max: 10 })
        if (messages.length === 0) return undefined
        const receipts = messages.map(({ receipt }) => receipt)
        expect(await api.ack(receipts)).toEqual({ acknowledged: receipts.length })
        seen.push(...messages.map(({ body }) => body as { kind: string; jobId: string }))
        return seen.find(({ kind }) => kind === 'end')
      })
      expect(end).toMatchObject({ id: `${trained.id}:1:end`, status: 'succeeded' })
      expect(new Set(seen.map(({ jobId }) => jobId))).toEqual(new Set([trained.id]))
    })

    test('a query job asks the model server with the model that was trained', async () => {
      const files = await api.artifacts(trained.id)
      const modelUrl = files.find(({ path }) => path === 'model.json')?.url
      const { id } = await api.submit({
        taskType: 'query',
        request: { path: '/predict', headers: { 'content-type': 'application/json' } },
        input: { modelUrl, images: [BLANK] },
      })
      expect(await ended(id)).toMatchObject({ status: 'succeeded', statusCode: 200 })
      const { body } = await api.result(id)
      expect(JSON.parse(body.toString())).toMatchObject({ digits: [expect.any(Number)] })
    })

    test('a command acts as its own job: in a session of the job role', async () => {
      const command = `env | grep -c 'AWS_CONTAINER_CREDENTIALS_.*/role'; ${program('shows-identity')}`
      const { id } = await api.submit({ taskType: 'command', command })
      expect(await ended(id)).toMatchObject({ status: 'succeeded' })
      const { lines } = await api.readLogs(id)
      const [waysToTheTaskRole, arn] = lines.map(({ text }) => text)
      expect(waysToTheTaskRole).toBe('0')
      expect(arn).toMatch(new RegExp(`:assumed-role/.*JobRole.*/job-${id}-1$`))
    })

    test('the event of a minute makes the scaler look on, and a busy worker stays', async () => {
      const { id } = await api.submit({ taskType: 'command', command: 'sleep 300' })
      await reaching(id, ({ status }) => status === 'running')
      const startMs = Date.now()
      await sendMinuteEvent(deployed)
      const first = await waitFor('a look', async () => lookAfter(await decisions(), startMs))
      expect(first.inputs).toMatchObject({ floor: 1, unseen: [] })

      expect(await api.cancel(id)).toMatchObject({ outcome: 'cancel-requested' })
      const canceled = await ended(id)
      expect(canceled).toMatchObject({ status: 'canceled', reason: 'canceled-by-user' })
      const message = await findEnd(deployed.at, output('OutputQueue'), id)
      expect(message).toMatchObject({ status: 'canceled', reason: 'canceled-by-user' })

      const later = await waitFor('the next look', async () =>
        lookAfter(await decisions(), startMs + LOOK_MS),
      )
      expect(later).toMatchObject({ wanted: 1, inputs: { unseen: [] } })
      expect((await api.service()).notObserved).toEqual([])
    })
  },
)

/** What EventBridge sends to the target of the rule, as it sends it: asynchronously. */
async function sendMinuteEvent({ assembly, stack, at }: DeployedDigits): Promise<void> {
  const rule = Object.values(assembly.template.Resources).find(
    ({ Type }) => Type === 'AWS::Events::Rule',
  )
  const [target] = rule === undefined ? [] : (listOf(rule, 'Targets') as { Arn: unknown }[])
  const FunctionName = stack.resources[referredId(target?.Arn) ?? '']
  const Payload = JSON.stringify({ 'detail-type': 'Scheduled Event', source: 'aws.events' })
  const lambda = new LambdaClient(at)
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))
  lambda.destroy()
}

/** The last decision, if a look has come to it after this moment. */
function lookAfter(all: readonly DecisionRecord[], afterMs: number): DecisionRecord | undefined {
  const last = all.at(-1)
  return last !== undefined && last.lastSeenAtMs >= afterMs ? last : undefined
}

/** The message of a job's end, taken from the queue itself. */
async function findEnd(
  at: DeployedDigits['at'],
  QueueUrl: string,
  jobId: string,
): Promise<EndMessage> {
  const sqs = new SQSClient(at)
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 })
  try {
    return await waitFor(`the end of ${jobId}`, async () => {
      const { Messages = [] } = await sqs.send(command)
      const bodies = Messages.map(({ Body = '' }) => JSON.parse(Body) as EndMessage)
      return bodies.find((body) => body.kind === 'end' && body.jobId === jobId)
    })
  } finally {
    sqs.destroy()
  }
}
