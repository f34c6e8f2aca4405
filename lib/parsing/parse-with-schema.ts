import { z } from 'zod'
import { type ErrorCode, type ErrorDetail, ServiceError, showValue } from '../registry/errors.ts'
import { allowedBy, problemOf } from './issue-words.ts'
import { nearestName } from './nearest-name.ts'
import { knownKeysAt } from './schema-tree.ts'

/** A hostile input may hold a mistake in every other byte. */
const MAX_DETAILS = 100

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
  const checked = checkWithSchema(schema, value, root)
  if (checked.ok) return checked.data
  throw mistakesError(checked.mistakes, { code, what })
}

/** As {@link parseWithSchema}, for a caller that has mistakes of its own to add. */
export function checkWithSchema<T extends z.ZodType>(
  schema: T,
  value: unknown,
  root = '',
): { ok: true; data: z.output<T> } | { ok: false; mistakes: ErrorDetail[] } {
  const result = schema.safeParse(value, { reportInput: true, error: problemOf })
  if (result.success) return { ok: true, data: result.data }
  const mistakes = result.error.issues
    .slice(0, MAX_DETAILS)
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? describeUnknownKeys(issue, schema, root)
        : [describeIssue(issue, root)],
    )
  return { ok: false, mistakes }
}

/** The error that lists `mistakes` and says the first in its message. */
export function mistakesError(
  mistakes: readonly ErrorDetail[],
  { code, what }: { code: ErrorCode; what: string },
): ServiceError {
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
  const first = mistakes[0]
  const hint = first === undefined ? '' : `: ${first.path} — ${first.problem}`
  return new ServiceError(code, `${what} has ${count}${hint}`, { details: mistakes })
}

type Issue = z.core.$ZodIssue

/** What zod reports where a required value is absent. */
const MISSING_CODES: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value'])

function describeIssue(issue: Issue, root: string): ErrorDetail {
  const path = formatPath(issue.path, root)
  const allowed = allowedBy(issue)
  const isMissing = issue.input === undefined && MISSING_CODES.has(issue.code)
  return {
    path,
    problem: isMissing ? 'is missing' : messageOf(issue),
    got: showValue(issue.input, path),
    ...(allowed === undefined ? {} : { allowed }),
  }
}

/** For an invalid key of a record: the key's own mistake. */
function messageOf(issue: Issue): string {
  const inner = issue.code === 'invalid_key' ? issue.issues[0] : undefined
  return inner?.message ?? issue.message
}

function describeUnknownKeys(
  issue: Extract<Issue, { code: 'unrecognized_keys' }>,
  schema: z.ZodType,
  root: string,
): ErrorDetail[] {
  const known = knownKeysAt(schema, issue.path)
  return issue.keys.slice(0, MAX_DETAILS).map((key) => {
    const meant = nearestName(key, known)
    return {
      path: formatPath([...issue.path, key], root),
      problem:
        meant === undefined ? 'is not a known key' : `is not a known key; did you mean "${meant}"?`,
      ...(known.length === 0 ? {} : { allowed: known.join(', ') }),
    }
  })
}

const PLAIN_KEY = /^[\w$-]{1,80}$/

/** `containers[0].port`, `features["a/b"]`: as a person would write it. */
export function formatPath(parts: readonly PropertyKey[], root: string): string {
  let text = root
  for (const part of parts) {
    const key = String(part)
    if (typeof part === 'number') text += `[${part}]`
    else if (!PLAIN_KEY.test(key)) text += `[${JSON.stringify(key.slice(0, 80))}]`
    else text += text === '' ? key : `.${key}`
  }
  return text === '' ? '(root)' : text
}
