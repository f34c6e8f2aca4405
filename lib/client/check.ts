/**
 * Small checks of what came over the network. They stand beside the schemas of the contract so that
 * a program which only calls the API need not carry the schema library.
 */

/** Says where a value is not a `T`: a path like `.jobs.0.id`, '' for the value itself. */
export interface Check<T> {
  (value: unknown): string | undefined
  /** Never there: it makes the type tell which values pass. */
  readonly passes?: (value: T) => void
}

export const text: Check<string> = (value) => (typeof value === 'string' ? undefined : '')
export const number: Check<number> = (value) => (typeof value === 'number' ? undefined : '')
export const boolean: Check<boolean> = (value) => (typeof value === 'boolean' ? undefined : '')

export function maybe<T>(check: Check<T>): Check<T | undefined> {
  return (value) => (value === undefined ? undefined : check(value))
}

export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value) => (Array.isArray(value) ? firstWrong(value.entries(), () => check) : '')
}

export function record<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value) => (isObject(value) ? firstWrong(Object.entries(value), () => check) : '')
}

/** An object with at least these fields of `T`; what else it has is left alone. */
export function object<T>(fields: { readonly [K in keyof T]?: Check<T[K]> }): Check<T> {
  const checks = new Map(Object.entries<Check<never> | undefined>(fields))
  return (value) => {
    if (!isObject(value)) return ''
    const entries = [...checks.keys()].map((name) => [name, value[name]] as const)
    return firstWrong(entries, (name) => checks.get(name))
  }
}

function firstWrong<K extends string | number>(
  entries: Iterable<readonly [K, unknown]>,
  checkOf: (key: K) => Check<never> | undefined,
): string | undefined {
  for (const [key, value] of entries) {
    const wrong = checkOf(key)?.(value)
    if (wrong !== undefined) return `.${key}${wrong}`
  }
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
