import { type ErrorDetail, ServiceError, showValue } from '../registry/errors.ts'
import { isFields, parseJsonOf } from './checks.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What `read` makes of an environment. It needs no schema library: a worker carries none.
 *
 * @param what how a message calls the environment
 * @throws ServiceError `invalid-environment` with every mistake, not only the first
 */
export function readEnvironment<T>(
  env: Environment,
  what: string,
  read: (reader: SettingsReader) => T,
): T {
  const mistakes: ErrorDetail[] = []
  const settings = read(new SettingsReader(env, 'env', mistakes))
  const [first] = mistakes
  if (first === undefined) return settings
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
  const message = `${what} has ${count}: ${first.path} ${first.problem}`
  throw new ServiceError('invalid-environment', message, { details: mistakes })
}

/**
 * Reads values by their names and notes what is wrong with them; what it returns for a mistake is
 * seen by nobody. Empty text counts as not given.
 */
export class SettingsReader {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #mistakes: ErrorDetail[]

  constructor(values: Readonly<Record<string, unknown>>, path: string, mistakes: ErrorDetail[]) {
    this.#values = values
    this.#path = path
    this.#mistakes = mistakes
  }

  has(name: string): boolean {
    return this.#valueOf(name) !== undefined
  }

  /** @param fallback for a value that is not given; without one, that is a mistake */
  text(name: string, fallback?: string): string {
    const value = this.#valueOf(name) ?? fallback
    return typeof value === 'string' ? value : this.#note(name, 'is not text', 'text')
  }

  /** @param allowed what `pattern` takes, in words */
  textLike(name: string, pattern: RegExp, allowed: string): string {
    const value = this.#valueOf(name)
    if (typeof value === 'string' && pattern.test(value)) return value
    return this.#note(name, `is not ${allowed}`, allowed)
  }

  url(name: string): string {
    const value = this.#valueOf(name)
    if (typeof value === 'string' && isHttpUrl(value)) return value
    return this.#note(name, 'is not an address', 'an address that begins with http:// or https://')
  }

  oneOf<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.#valueOf(name) ?? fallback
    const choice = choices.find((each) => each === value)
    if (choice === undefined) this.#note(name, 'is not one of the choices', choices.join(', '))
    return choice ?? fallback
  }

  numberFromZero(name: string): number {
    const value = this.#valueOf(name)
    if (typeof value === 'number' && value >= 0) return value
    this.#note(name, 'is not a number from 0', 'a number from 0')
    return 0
  }

  /** A list of at least one text, none of them empty. */
  texts(name: string): string[] {
    const value = this.#valueOf(name)
    const isFilledText = (each: unknown): boolean => typeof each === 'string' && each !== ''
    if (Array.isArray(value) && value.length > 0 && value.every(isFilledText)) return value
    this.#note(name, 'is not a list of names', 'a list of at least one name')
    return []
  }

  /** What `read` makes of text that is a JSON object with no other keys than these. */
  object<T>(name: string, keys: readonly string[], read: (reader: SettingsReader) => T): T {
    const text = this.#valueOf(name)
    const parsed = typeof text === 'string' ? parseJsonOf(text, isFields) : undefined
    if (parsed === undefined) this.#note(name, 'is not a JSON object', 'a JSON object')
    // The mistakes inside of what is none say nothing more.
    const mistakes = parsed === undefined ? [] : this.#mistakes
    const inner = new SettingsReader(parsed ?? {}, `${this.#path}.${name}`, mistakes)
    for (const key of Object.keys(parsed ?? {}).filter((each) => !keys.includes(each))) {
      inner.#note(key, 'is not a known key', keys.join(', '))
    }
    return read(inner)
  }

  #valueOf(name: string): unknown {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
    return value === '' ? undefined : value
  }

  #note(name: string, problem: string, allowed: string): string {
    const path = `${this.#path}.${name}`
    const value = this.#valueOf(name)
    const got = showValue(value, path)
    const isMissing = value === undefined
    this.#mistakes.push({ path, problem: isMissing ? 'is missing' : problem, got, allowed })
    return ''
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
