import { isNullish, isObjectOf, isOneOf, isText, parseJsonOf } from '../../../parsing/checks.ts'
import type { Log } from '../../../ports/log.ts'
import type { ProtectionAnswer, TaskProtection } from '../../../ports/task-protection.ts'

export interface AgentTaskProtectionOptions {
  /** The value of `ECS_AGENT_URI`. */
  readonly agentUri: string
  /** For the whole call. The agent itself gives up after 5 s, so a little more: default 6,500. */
  readonly timeoutMs?: number
  /** Gets each answer that is neither a plain grant nor a plain release, at level debug. */
  readonly log?: Log
}

interface Ask {
  readonly ProtectionEnabled: boolean
  readonly ExpiresInMinutes?: number
}

type Unreachable = Extract<ProtectionAnswer, { kind: 'unreachable' }>

const DEFAULT_TIMEOUT_MS = 6_500
const MAX_REASON_CHARS = 300

const isAnswer = isObjectOf({
  protection: isNullish(
    isObjectOf({ ProtectionEnabled: isOneOf(true, false), ExpirationDate: isNullish(isText) }),
  ),
  failure: isNullish(isObjectOf({ Reason: isText, Detail: isNullish(isText) })),
})

const isFault = isObjectOf({ error: isObjectOf({ Code: isText, Message: isText }) })

/**
 * Task protection over the ECS agent endpoint, on ECS or served by the supervisor. One call, no
 * retries: whoever needs protection asks again as long as it needs it.
 *
 * Source: AWS, "Amazon ECS task scale-in protection endpoint".
 */
export function makeAgentTaskProtection(options: AgentTaskProtectionOptions): TaskProtection {
  const ask = async (body: Ask): Promise<ProtectionAnswer> => {
    const answer = await callAgent(body, options)
    if (answer.kind === 'refused' || answer.kind === 'unreachable') {
      options.log?.debug('task protection was not set', { ...answer, asked: { ...body } })
    }
    return answer
  }
  return {
    protect: (minutes) => ask({ ProtectionEnabled: true, ExpiresInMinutes: minutes }),
    release: () => ask({ ProtectionEnabled: false }),
  }
}

async function callAgent(
  body: Ask,
  { agentUri, timeoutMs = DEFAULT_TIMEOUT_MS }: AgentTaskProtectionOptions,
): Promise<ProtectionAnswer> {
  try {
    const response = await fetch(`${agentUri}/task-protection/v1/state`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    return response.ok ? readAnswer(text, body) : unreachable(describeFault(response.status, text))
  } catch (error) {
    return unreachable(describeError(error))
  }
}

function readAnswer(text: string, asked: Ask): ProtectionAnswer {
  const answer = parseJsonOf(text, isAnswer)
  if (answer === undefined) return unreachable(`not the answer of an ECS agent: ${text}`)
  const { protection, failure } = answer
  if (failure) {
    const detail = failure.Detail ? `: ${failure.Detail}` : ''
    return { kind: 'refused', reason: `${failure.Reason}${detail}`.slice(0, MAX_REASON_CHARS) }
  }
  if (!protection) return unreachable('the answer has neither protection nor failure')
  if (protection.ProtectionEnabled !== asked.ProtectionEnabled) {
    return { kind: 'refused', reason: 'the answer is not what was asked for' }
  }
  if (!asked.ProtectionEnabled) return { kind: 'released' }
  const untilMs = Date.parse(protection.ExpirationDate ?? '')
  if (Number.isNaN(untilMs)) return unreachable('the answer does not say until when')
  return { kind: 'granted', untilMs }
}

function describeFault(status: number, text: string): string {
  const fault = parseJsonOf(text, isFault)
  const what = fault === undefined ? text : `${fault.error.Code}: ${fault.error.Message}`
  return `status ${status}: ${what}`
}

/** `fetch failed` says nothing; its cause does. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}

function unreachable(reason: string): Unreachable {
  return { kind: 'unreachable', reason: reason.slice(0, MAX_REASON_CHARS) }
}
