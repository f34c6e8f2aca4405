import { ApiError, type ClientErrorCode } from '../client/api-error.ts'
import { ENV } from '../registry/env.ts'
import { type ErrorCode, formatDetails, ServiceError } from '../registry/errors.ts'
import { type CliIo, EXIT, UsageError } from './io.ts'
import { makePaint, printable } from './paint.ts'

const SAME_VERSION =
  'check that the service and this command have the same version: scalable-job --version'

/** What helps on the command line, where that differs from what helps a program. */
const CLI_FIXES: Partial<Record<ErrorCode | ClientErrorCode, string>> = {
  'no-service': `start one here (scalable-job start), or give --url and --token (${ENV.apiUrl.name}, ${ENV.token.name})`,
  unreachable: 'check the address, and that the service runs: scalable-job doctor',
  'timed-out': 'try again; scalable-job doctor checks the service',
  'invalid-request': 'correct what is named above; scalable-job <command> --help has the options',
  'invalid-service-config':
    'correct what is named above; service.schema.json of the package helps editors',
  'invalid-json': SAME_VERSION,
  'unknown-task-type':
    'use --type command, or --type query where the service has a containers[0].port',
  unauthorized:
    'give --token or SCALABLE_JOB_TOKEN; a service on one machine prints its token when it starts',
  'invalid-link': 'run the command again: it asks for a new link',
  'not-found': 'check the id; scalable-job list shows the jobs that this token may see',
  'method-not-allowed': SAME_VERSION,
  'idempotency-conflict':
    'use another --idempotency-key for a new job, or run the first command again to see its job',
  'job-not-ended':
    'wait for the end (scalable-job logs <id> --follow), or cancel it: scalable-job cancel <id>',
  'payload-too-large': 'make it smaller, or let the job download the large part itself',
  'too-many-requests': 'try again later; scalable-job service shows how many jobs wait',
  'service-unavailable':
    'try again in a moment; with --idempotency-key a repeated submit makes no second job',
}

export function fixOf({ code, fix }: Pick<ApiError, 'code' | 'fix'>): string {
  return CLI_FIXES[code] ?? fix
}

/** Says on stderr what was wrong and what helps. @returns the exit code */
export function showError(error: unknown, io: CliIo): number {
  const paint = makePaint(io.stderr, io.env)
  const headline = error instanceof Error ? error.message : String(error)
  const lines = [`${paint('red', 'error:')} ${printable(headline)}`]
  if (error instanceof UsageError) {
    if (error.hint !== undefined) lines.push(printable(error.hint))
  } else if (error instanceof ApiError || error instanceof ServiceError) {
    const details = formatDetails(error.details).split('\n')
    const fix = fixOf(error)
    lines.push(...details.filter((line) => line !== '').map(printable))
    lines.push(`${paint('bold', 'fix:')} ${printable(fix)}`)
    if (error instanceof ApiError && error.requestId !== undefined) {
      lines.push(`request id: ${printable(error.requestId)}`)
    }
  }
  io.stderr.write(`${lines.join('\n')}\n`)
  const isUnnamed = error instanceof ApiError && error.code === 'no-service'
  return error instanceof UsageError || isUnnamed ? EXIT.usage : EXIT.failed
}
