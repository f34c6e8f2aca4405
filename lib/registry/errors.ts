/**
 * Every error that a user of Scalable Job can meet, in one registry.
 *
 * A code is stable: it is part of the API and never changes its meaning. A message says what was
 * wrong, the value given, what is allowed and, in `fix`, what most likely helps.
 */

/** One mistake inside a larger input: where it is, what was given, what is allowed. */
export interface ErrorDetail {
  /** Where: `containers[0].port`, `body.command`, `query.taskType`, `env.SCALABLE_JOB_BACKEND`. */
  readonly path: string
  /** What is wrong, as a sentence without a final period. */
  readonly problem: string
  /** The value given, shortened and with secrets masked. */
  readonly got?: string
  /** What would be accepted. */
  readonly allowed?: string
}

interface ErrorSpec {
  readonly status: number
  /** One sentence for the reference: when it is answered. */
  readonly when: string
  /** The likely fix. */
  readonly fix: string
  /** Whether the same request may succeed later unchanged. */
  readonly retryable?: boolean
}

export const ERRORS = {
  'invalid-request': {
    status: 400,
    when: 'The body, a query parameter or a header does not fit the schema of the route.',
    fix: 'correct the fields named in `details`; GET /openapi.json lists what each route takes',
  },
  'invalid-json': {
    status: 400,
    when: 'A body that must be JSON could not be parsed.',
    fix: 'send a JSON object with `Content-Type: application/json`',
  },
  'unknown-task-type': {
    status: 400,
    when: '`taskType` is missing, or is not one that this service takes.',
    fix: 'use taskType=command, or taskType=query where the service has a containers[0].port',
  },
  'invalid-path': {
    status: 400,
    when: 'A file name or path climbs out of its folder or has characters that are not allowed.',
    fix: 'use a relative path without `..`, empty parts, backslashes or control characters',
  },
  unauthorized: {
    status: 401,
    when: 'The `Authorization` header is missing or its token is not known.',
    fix: 'send `Authorization: <token>` or `Authorization: Bearer <token>`',
  },
  'invalid-link': {
    status: 403,
    when: 'A download or upload link has expired, was changed, or is for another method.',
    fix: 'ask the API for a new link and use it unchanged',
  },
  'not-found': {
    status: 404,
    when: 'No such route, service, job or file, or it belongs to another tenant.',
    fix: 'check the id; GET /jobs lists the jobs that this token may see',
  },
  'method-not-allowed': {
    status: 405,
    when: 'The path exists, but not with this method.',
    fix: 'use one of the methods in the `Allow` header',
  },
  'idempotency-conflict': {
    status: 409,
    when: 'The `Idempotency-Key` was used before with another body.',
    fix: 'use a new key for a new job; repeat the first body to get the first answer',
  },
  'job-not-ended': {
    status: 409,
    when: 'The job has not ended yet, so it cannot be retried.',
    fix: 'wait for the end (GET /jobs/{id}/result?waitSeconds=20) or cancel it first',
  },
  'already-uploaded': {
    status: 409,
    when: 'A second PUT to an upload link: a file stays as it was first put, for a job may name it.',
    fix: 'use the file that is there, or ask POST /uploads for a new place',
  },
  'payload-too-large': {
    status: 413,
    when: 'The body is larger than the route takes.',
    fix: 'upload the input with POST /uploads and pass its `inputKey`',
  },
  'too-many-requests': {
    status: 429,
    when: 'The service has more waiting jobs than it is set to accept, or more submits under way at this moment than it holds.',
    fix: 'try again after the seconds in `Retry-After`',
    retryable: true,
  },
  'service-unavailable': {
    status: 503,
    when: 'The table, queue or file store did not answer in time, or its disk is full; what was asked for may have happened.',
    fix: 'try again after the seconds in `Retry-After`, with the same Idempotency-Key',
    retryable: true,
  },
  'invalid-service-config': {
    status: 400,
    when: '`service.json` does not fit its schema; every mistake is listed.',
    fix: 'correct the keys named in `details`; schema/service.schema.json helps editors',
  },
  'unknown-service-format': {
    status: 500,
    when: 'A worker or a Lambda was given a service in a form that its version of Scalable Job does not know.',
    fix: 'deploy, or start, the whole service with one version of Scalable Job',
  },
  'invalid-environment': {
    status: 500,
    when: 'An environment variable of a worker, a Lambda or the command line is missing or wrong.',
    fix: 'set the variable named in `details`; docs/reference/env.md lists all of them',
  },
  'address-in-use': {
    status: 500,
    when: 'The port that the service should listen on is taken by another program.',
    fix: 'choose another with --port, or 0 for any free one',
  },
  'already-running': {
    status: 409,
    when: 'Another process runs the embedded service on the same state folder.',
    fix: 'stop it, or give this one a folder of its own with --state',
  },
  'unusable-state': {
    status: 500,
    when: 'The state folder is none, cannot be written, or holds a file that is damaged.',
    fix: 'do what `allowed` says, or give another folder with --state',
  },
  'newer-state': {
    status: 500,
    when: 'The state folder was written by a newer version of Scalable Job.',
    fix: 'use that version or a newer one, or another folder with --state',
  },
  'unsupported-node': {
    status: 500,
    when: 'A service cannot run on this version of Node, and npm has installed no newer one beside the package.',
    fix: 'install Node 24 or later, or install the package again without --omit=optional',
  },
  'invalid-prop': {
    status: 500,
    when: 'A prop of a construct has a value that its type cannot rule out.',
    fix: 'correct the prop named in `details`',
  },
  'cdk-not-installed': {
    status: 500,
    when: 'A command for AWS was given, and the CDK library is not installed beside the package.',
    fix: 'npm install aws-cdk-lib constructs',
  },
  'unknown-row': {
    status: 500,
    when: 'A row of the table has a form that this version does not know: a newer version wrote it, or it is damaged.',
    fix: 'run the version that wrote it, or a newer one; the row itself is left as it is',
  },
  internal: {
    status: 500,
    when: 'A fault of Scalable Job itself; the request id finds it in the log.',
    fix: 'report it with the request id',
  },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof ERRORS

/** Thrown for misuse and faults; expected outcomes are returned as unions instead. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: ErrorCode
  readonly details: readonly ErrorDetail[]
  /** Seconds after which a retry makes sense (the `Retry-After` header). */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: { details?: readonly ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.details = more.details ?? []
    this.retryAfterSeconds = more.retryAfterSeconds
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get fix(): string {
    return ERRORS[this.code].fix
  }
}

/** The one shape of every error answer. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode
    readonly message: string
    readonly fix: string
    readonly details: readonly ErrorDetail[]
    readonly requestId: string
  }
}

export function toErrorBody(error: ServiceError, requestId: string): ErrorBody {
  const { code, message, fix, details } = error
  return { error: { code, message, fix, details, requestId } }
}

const SHOWN_VALUE_CHARS = 80
const SHOWN_KEYS = 8
/** Environment variables are where people put keys and passwords. */
const SECRET_NAME =
  /token|secret|passw|authorization|dockerAuth|credential|api[-_]?key|private[-_]?key|cookie|(?:^|\.)env(?:\[\d+\](?:\.value)?)?$/i

/** Whether the value under this name (a variable, a header, a path) must not be shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/**
 * A value as a message may show it: JSON, shortened, masked where the path names a secret. Of an
 * object only the keys are shown and of a list only its length: a secret may be among the values.
 */
export function showValue(value: unknown, path = ''): string {
  if (isSecretName(path)) return '(hidden)'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return showObject(value)
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? typeof value)
  return text.length <= SHOWN_VALUE_CHARS ? text : `${text.slice(0, SHOWN_VALUE_CHARS)}…`
}

function showObject(value: object): string {
  const keys = Object.keys(value)
  if (keys.length === 0) return 'an empty object'
  const text = `an object with ${keys.slice(0, SHOWN_KEYS).join(', ')}`
  const more = keys.length > SHOWN_KEYS ? ', …' : ''
  return text.length <= SHOWN_VALUE_CHARS ? text + more : `${text.slice(0, SHOWN_VALUE_CHARS)}…`
}

/** A schema's mistakes as one text for a terminal: a line each. */
export function formatDetails(details: readonly ErrorDetail[]): string {
  return details
    .map(({ path, problem, got, allowed }) => {
      const parts = [`${path}: ${problem}`]
      if (got !== undefined) parts.push(`got ${got}`)
      if (allowed !== undefined) parts.push(`allowed: ${allowed}`)
      return `  ${parts.join('; ')}`
    })
    .join('\n')
}
