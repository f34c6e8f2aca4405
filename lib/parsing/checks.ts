/**
 * Checks of values that come from JSON, without a schema library: the worker's bundle holds none.
 * What a person writes goes through a schema, which says what is wrong; these only say whether.
 */

export type Check<T> = (value: unknown) => value is T
/** Where only the answer matters. */
export type AnyCheck = (value: unknown) => boolean
export type Fields = Readonly<Record<string, unknown>>

export const isText: Check<string> = (value): value is string => typeof value === 'string'
export const isNumber: Check<number> = (value): value is number => Number.isFinite(value)
export const isFlag: Check<boolean> = (value) => typeof value === 'boolean'
export const isWhole: Check<number> = (value): value is number => Number.isSafeInteger(value)
/** A whole number from 0. */
export const isCount: Check<number> = (value): value is number => isWhole(value) && value >= 0
export const isFields: Check<Fields> = (value): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function isOneOf<const T extends readonly unknown[]>(...choices: T): Check<T[number]> {
  return (value): value is T[number] => choices.includes(value)
}

export function isListOf<T>(isItem: Check<T>): Check<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every((item) => isItem(item))
}

/** Keys beside those of `checks` are let through. */
export function isObjectOf<T extends object>(checks: {
  [K in keyof T]-?: Check<T[K]>
}): Check<T> {
  const entries: [string, AnyCheck][] = Object.entries(checks)
  return (value): value is T =>
    isFields(value) &&
    entries.every(([key, check]) => check(Object.hasOwn(value, key) ? value[key] : undefined))
}

export function isNullish<T>(check: Check<T>): Check<T | null | undefined> {
  return (value): value is T | null | undefined =>
    value === null || value === undefined || check(value)
}

export function isOptional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value)
}

/** What `text` holds, where it is JSON that passes the check. */
export function parseJsonOf<T>(text: string, check: Check<T>): T | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return check(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** @throws RangeError unless `value` is a whole number from `min` to `max` */
export function checkRange(
  name: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name} is ${value}; allowed: ${min} to ${max}`)
}
