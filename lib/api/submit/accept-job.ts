import {
  type InputRef,
  type Job,
  type QueryRequest,
  type TaskType,
  toTimestamp,
} from '../../job/job.ts'
import { completeChoices, type GivenChoices } from '../../job/job-choices.ts'
import { ServiceError } from '../../registry/errors.ts'
import { inputFileKey } from '../../job/keys.ts'
import { createJob, type Creation, findRepeated } from '../../job/store/create-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendReserved } from '../../job/store/send-ready.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'
import { toJobView } from '../contract/job-view.ts'
import type { Call } from '../route.ts'
import { type Idempotency, REPLAYED_HEADER } from './idempotency.ts'
import { RESERVED_MS } from '../../job/life/delivery.ts'
import type { Service } from '../../service/service.ts'

/** What is to become a job, checked, from whichever route it came. */
export interface Submission {
  readonly taskType: TaskType
  readonly tenant: string
  readonly payload: Payload
  readonly request?: QueryRequest
  /** What is absent is the service's. */
  readonly choices: GivenChoices
  readonly retryOf?: string
  readonly idempotency?: Idempotency
}

export type Payload =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A file that is there already. */
  | { readonly kind: 'file'; readonly key: string; readonly bytes: number }

/** PAI-EAS's Python client gives up after 5 s and then does not know its job's id. */
const SEND_MS = 2_000
const KICK_MS = 1_000

export interface Accepted {
  readonly job: Job
  /** The same request came before, and this is its job. */
  readonly isReplay: boolean
}

/**
 * Makes a job of a submission: a large payload to the file store, then row, small payload and key
 * in one write, then the message and the kick. From that write on the answer is success, whatever
 * follows: the reaper sends what was not sent.
 *
 * @throws ServiceError `idempotency-conflict`, `too-many-requests`
 * @throws PortUnavailable when it is not known whether the job was accepted
 */
export async function acceptJob(call: Call, submission: Submission): Promise<Accepted> {
  const { api } = call
  const { idempotency, tenant } = submission
  // Before the gate: the answer to a repeat does not depend on how many jobs wait by now.
  const earlier = idempotency && (await findRepeated(api.table, tenant, idempotency))
  if (earlier !== undefined) return toAccepted(earlier, idempotency)
  await api.queueLimit.check()
  const id = api.newId()
  const { input, inlineInput } = await storeInput(call, id, submission.payload)
  const job = newJob(api.service, submission, { id, input, nowMs: api.clock.now() })
  const created = await createJob(api.table, {
    job,
    ...(inlineInput !== undefined && { inlineInput }),
    ...(idempotency && { idempotency }),
  })
  if (created.kind === 'created') {
    api.queueLimit.count()
    await sendAndKick(call, created.stored)
  }
  return toAccepted(created, idempotency)
}

/** The answer to whoever submitted it or asked for the retry. */
export function answerAccepted({ api, c }: Call, { job, isReplay }: Accepted): Response {
  c.header('Location', `/jobs/${job.id}`)
  if (isReplay) c.header(REPLAYED_HEADER, 'true')
  return c.json(toJobView(job, api.clock.now()), 201)
}

async function storeInput(
  { api }: Call,
  id: string,
  payload: Payload,
): Promise<{ input: InputRef; inlineInput?: string }> {
  if (payload.kind === 'file') return { input: payload }
  const { bytes } = payload
  if (bytes.byteLength > api.service.intake.inlineBytes) {
    const key = inputFileKey(id)
    await api.files.put({ key, body: bytes })
    return { input: { kind: 'file', key, bytes: bytes.byteLength } }
  }
  const inlineInput = Buffer.from(bytes).toString('base64')
  return { input: { kind: 'row', bytes: bytes.byteLength }, inlineInput }
}

/**
 * Sends the ready message of a new job and kicks the scaler. Never throws and never takes long: what
 * fails or is slow here the reaper does, so it must not cost the caller the answer.
 */
async function sendAndKick({ api, log }: Call, stored: StoredJob): Promise<void> {
  const sent = sendReserved(api, stored).catch((error: unknown) => {
    log.warn('the message of a new job was not sent; the reaper will send it', {
      jobId: stored.job.id,
      error: String(error),
    })
  })
  await waitAtMost(api.clock, SEND_MS, sent)
  if (!api.service.timing.kickOnSubmit) return
  const kicked = api.kick.kick().catch((error: unknown) => {
    log.warn('the scaler was not kicked', { error: String(error) })
  })
  await waitAtMost(api.clock, KICK_MS, kicked)
}

function toAccepted(creation: Creation, idempotency: Idempotency | undefined): Accepted {
  if (creation.kind === 'conflict') throw conflict(idempotency?.key ?? '')
  return { job: creation.stored.job, isReplay: creation.kind === 'repeated' }
}

function conflict(key: string): ServiceError {
  const problem = 'was used before for another request, or its job is no longer kept'
  return new ServiceError('idempotency-conflict', `this Idempotency-Key ${problem}`, {
    details: [
      {
        path: 'header.idempotency-key',
        problem,
        got: key,
        allowed: 'a new key, or the very same request',
      },
    ],
  })
}

/**
 * The row of a new job; absent limits are those of the service. Its ready message is reserved: should
 * the submit die between row and message, the reaper soon sends it.
 */
export function newJob(
  service: Service,
  submission: Submission,
  { id, input, nowMs }: { id: string; input: InputRef; nowMs: number },
): Job {
  const { taskType, tenant, request, choices, retryOf } = submission
  const logToQueue = service.logToQueue[taskType]
  return {
    id,
    service: service.name,
    tenant,
    taskType,
    status: 'queued',
    attempt: 0,
    acceptedAt: toTimestamp(nowMs),
    queuedAt: toTimestamp(nowMs),
    input,
    ...(request && { request }),
    ...completeChoices(choices, { ...service.jobDefaults[taskType], logToQueue }),
    retriesUsed: 0,
    lossesUsed: 0,
    attempts: [],
    ...(retryOf !== undefined && { retryOf }),
    readyAt: toTimestamp(nowMs + RESERVED_MS),
    readySent: 0,
    notificationsSent: 0,
  }
}
