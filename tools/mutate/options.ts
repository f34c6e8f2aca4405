import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { AREAS, type Area } from './areas.ts'

export interface MutateOptions {
  /** Rooms for Stryker, which puts every fault into them; the sample otherwise. */
  readonly pure: readonly string[]
  readonly seed: number
  readonly count: number
  readonly areas: readonly Area[]
  /** How many faults are tried side by side. */
  readonly parallel: number
  /** Folder of what was found; a run that finds results there goes on behind them. */
  readonly out: string
  /** Says what would be tried, and tries nothing. */
  readonly isDry: boolean
}

/** @throws TypeError for an argument that is none */
export function readOptions(args: readonly string[]): MutateOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pure: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '150' },
      areas: { type: 'string' },
      parallel: { type: 'string', default: '1' },
      out: { type: 'string' },
      dry: { type: 'boolean', default: false },
    },
  })
  if (values.pure !== positionals.length > 0) throw new TypeError('--pure takes folders: lib/job')
  const seed = wholeNumber('--seed', values.seed)
  const count = wholeNumber('--count', values.count)
  return {
    pure: positionals,
    seed,
    count,
    areas: readAreas(values.areas),
    parallel: wholeNumber('--parallel', values.parallel),
    out: resolve(values.out ?? `.cache/mutate/${seed}-${count}`),
    isDry: values.dry,
  }
}

function readAreas(text: string | undefined): readonly Area[] {
  if (text === undefined) return AREAS
  return text.split(',').map((name) => {
    const area = AREAS.find((each) => each.name === name)
    if (area !== undefined) return area
    throw new TypeError(`--areas ${name}: one of ${AREAS.map((each) => each.name).join(', ')}`)
  })
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new TypeError(`${name} ${text}: a whole number from 1`)
}
