import { parseArgs } from 'node:util'

export interface FaultsOptions {
  readonly form: 'short' | 'long'
  readonly jobs: number
  readonly seed: number
  /** The submits are spread over this time. */
  readonly minutes: number
  /** Whether docs/reliability.md is written; by itself only by all campaigns in their long form. */
  readonly write: boolean
  /** Which campaigns to run. */
  readonly only: 'embedded' | 'aws' | undefined
  /** Whether the folder of the run stays. */
  readonly keep: boolean
}

/** Jobs, and the minutes over which they come. */
export const FORMS = {
  long: { jobs: 10_000, minutes: 22 },
  short: { jobs: 600, minutes: 1.8 },
} as const
const MAX_SEED = 2 ** 31

/** @throws TypeError for an argument that is none */
export function readOptions(args: readonly string[]): FaultsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      jobs: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      only: { type: 'string' },
    },
  })
  const form = values.short ? 'short' : 'long'
  const { only } = values
  if (only !== undefined && only !== 'embedded' && only !== 'aws') {
    throw new TypeError(`--only ${only}: embedded or aws`)
  }
  return {
    form,
    only,
    keep: values.keep,
    jobs: readNumber('--jobs', values.jobs) ?? FORMS[form].jobs,
    seed: readNumber('--seed', values.seed) ?? Math.floor(Math.random() * MAX_SEED),
    minutes: readNumber('--minutes', values.minutes) ?? FORMS[form].minutes,
    write: values.write || (form === 'long' && only === undefined),
  }
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new TypeError(`${name} ${text}: a number from 0`)
}
