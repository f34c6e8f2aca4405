import { parseArgs } from 'node:util'
import { closestWord } from './closest-word.ts'
import { type OptionSpec, UsageError } from './command.ts'

/** The options of one call, read by name. */
export interface Options {
  flag(name: string): boolean
  text(name: string): string | undefined
  list(name: string): readonly string[]
  /** @throws UsageError when it is given and no whole number from `min` to `max` */
  whole(name: string, range: { min: number; max: number }): number | undefined
  /** `K=V` pairs, the last of a name wins. @throws UsageError where there is no `=` */
  pairs(name: string): Record<string, string>
}

export interface ReadLine {
  readonly options: Options
  readonly positionals: readonly string[]
  readonly rest: readonly string[]
}

type Given = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/**
 * Reads the words after a command's name.
 *
 * @throws UsageError for an option that is not known (with the one that was likely meant), a value
 * that is missing, or one that a switch does not take
 */
export function readOptions(
  words: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
): ReadLine {
  const { values, tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [name, toConfig(spec)]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? words.length
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'option') checkOption(token, specs)
    if (token.kind === 'positional' && token.index < end) positionals.push(token.value)
  }
  return { options: makeOptions(values), positionals, rest: words.slice(end + 1) }
}

function toConfig({ value, many, short }: OptionSpec) {
  return {
    type: value === undefined ? ('boolean' as const) : ('string' as const),
    ...(many === true && { multiple: true }),
    ...(short !== undefined && { short }),
  }
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function checkOption(token: OptionToken, specs: Readonly<Record<string, OptionSpec>>): void {
  const spec = specs[token.name]
  if (spec === undefined || !Object.hasOwn(specs, token.name)) {
    const near = closestWord(token.name, Object.keys(specs))
    const hint = near === undefined ? undefined : `did you mean --${near}?`
    throw new UsageError(`unknown option ${token.rawName}`, hint)
  }
  if (spec.value === undefined) {
    if (token.value === undefined) return
    throw new UsageError(`${token.rawName} takes no value`, `write it as --${token.name}`)
  }
  const missing = token.value === undefined || (token.value === '' && token.inlineValue !== true)
  const looksLikeOption = token.inlineValue === false && /^-./.test(token.value ?? '')
  if (!missing && !looksLikeOption) return
  throw new UsageError(
    `${token.rawName} needs a value`,
    `write it as --${token.name}=${spec.value}`,
  )
}

function makeOptions(given: Given): Options {
  const text = (name: string) => {
    const value = given[name]
    return typeof value === 'string' ? value : undefined
  }
  const list = (name: string) => {
    const value = given[name]
    return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string')
  }
  return {
    flag: (name) => given[name] === true,
    text,
    list,
    whole: (name, range) => toWhole(name, text(name), range),
    pairs: (name) => toPairs(name, list(name)),
  }
}

function toWhole(
  name: string,
  value: string | undefined,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= min && number <= max) return number
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not ${value}`)
}

function toPairs(name: string, pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`--${name} takes NAME=VALUE, not ${pair}`)
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  })
  return Object.fromEntries(entries)
}
