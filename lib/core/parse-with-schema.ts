import { z } from 'zod'
import { type ErrorCode, type ErrorDetail, ServiceError, showValue } from './errors.ts'

/**
 * Parses `value` once at the edge and names every mistake with its path, the value given and what
 * is allowed (never only the first).
 *
 * @throws ServiceError with `code` and one detail per mistake
 */
export function parseWithSchema<T extends z.ZodType>(
  schema: T,
  value: unknown,
  { code, what, root = '' }: { code: ErrorCode; what: string; root?: string },
): z.output<T> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const details = result.error.issues.flatMap((issue) => describeIssue(issue, root))
  const count = details.length === 1 ? '1 mistake' : `${details.length} mistakes`
  const first = details[0]
  const hint = first === undefined ? '' : `: ${first.path} — ${first.problem}`
  throw new ServiceError(code, `${what} has ${count}${hint}`, { details })
}

type Issue = z.core.$ZodIssue

function describeIssue(issue: Issue, root: string): ErrorDetail[] {
  const path = formatPath(issue.path, root)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: formatPath([...issue.path, key], root),
      problem: 'is not a known key',
    }))
  }
  const allowed = allowedBy(issue)
  return [
    {
      path,
      problem: lowerFirst(issue.message),
      got: showValue(issue.input, path),
      ...(allowed === undefined ? {} : { allowed }),
    },
  ]
}

/** `containers[0].port`, as a person would write it. */
export function formatPath(parts: readonly PropertyKey[], root: string): string {
  let text = root
  for (const part of parts) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  }
  return text === '' ? '(root)' : text
}

function allowedBy(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(', ')
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`
    case 'invalid_format':
      return issue.pattern === undefined ? issue.format : `text that matches ${issue.pattern}`
    case 'invalid_union':
      return unionAllowed(issue)
    default:
      return undefined
  }
}

function unionAllowed(issue: Extract<Issue, { code: 'invalid_union' }>): string | undefined {
  const kinds = issue.errors.flat().flatMap((inner) => allowedBy(inner) ?? [])
  return kinds.length === 0 ? undefined : [...new Set(kinds)].join(' or ')
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
