/**
 * Reading what a table holds. A row outlives the program that wrote it, so it is input: whoever
 * reads one checks the fields that it needs, fills in those that an older version did not have, and
 * refuses what it does not know. Fields beyond those stay as they are and are written back.
 *
 * A row's `format` counts up only where an older program would misread it; a field more is no new
 * format. Rows without one are format 0, that of the versions before there was one. Workers of two
 * versions meet in one table, so a new format is read by one version before the next one writes it.
 */
import { ServiceError, showValue } from '../registry/errors.ts'
import { type AnyCheck, type Fields, isCount } from './checks.ts'

/** A check for each field that must be there. */
export type Checks<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: AnyCheck
}

/**
 * The format of a row.
 *
 * @param what names the row in a message: `the row of job 3711718195200000001`
 * @throws ServiceError `unknown-row` where it is newer than this program
 */
export function readFormat(what: string, fields: Fields, newest: number): number {
  const { format = 0 } = fields
  const isKnown = isCount(format) && format <= newest
  if (isKnown) return format
  const problem = 'is of a format that this version does not know'
  throw unknownRow(what, { path: 'format', problem, got: format, allowed: `0 to ${newest}` })
}

/** Whether all checks hold; the fields are then what the type says. */
export function fits<T>(
  what: string,
  fields: Fields,
  checks: Checks<T> & Readonly<Record<string, AnyCheck>>,
): asserts fields is T & Fields {
  for (const [path, check] of Object.entries(checks)) {
    if (check(fields[path])) continue
    throw unknownRow(what, { path, problem: 'is not what this version knows', got: fields[path] })
  }
}

interface Mistake {
  readonly path: string
  readonly problem: string
  readonly got: unknown
  readonly allowed?: string
}

function unknownRow(what: string, { path, problem, got, allowed }: Mistake): ServiceError {
  const shown = showValue(got, path)
  return new ServiceError('unknown-row', `${what} cannot be read: ${path} ${problem}, ${shown}`, {
    details: [{ path, problem, got: shown, ...(allowed !== undefined && { allowed }) }],
  })
}

/** Whether a row could not be read; any other fault is somebody else's. */
export function isUnknownRow(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.code === 'unknown-row'
}
