import { ApiError } from '../client/api-error.ts'
import { formatDetails, ServiceError } from '../registry/errors.ts'
import { fixOf } from './cli-fixes.ts'
import { type CliIo, EXIT, UsageError } from './io.ts'
import { makePaint } from './paint.ts'
import { printable } from './paint.ts'

/** Says on stderr what was wrong and what helps. @returns the exit code */
export function showError(error: unknown, io: CliIo): number {
  const paint = makePaint(io.stderr, io.env)
  const headline = error instanceof Error ? error.message : String(error)
  const lines = [`${paint('red', 'error:')} ${printable(headline)}`]
  if (error instanceof UsageError) {
    if (error.hint !== undefined) lines.push(printable(error.hint))
  } else if (error instanceof ApiError || error instanceof ServiceError) {
    const details = formatDetails(error.details).split('\n')
    const fix = error instanceof ApiError ? fixOf(error) : error.fix
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
