import { parseArgs } from 'node:util'

export interface FaultsOptions {
  readonly form: 'short' | 'long'
  /** Default: what the form of each campaign says. */
  readonly jobs: number | undefined
  readonly seed: number
  /** The submits are spread over this time. Default: what the form of each campaign says. */
  readonly minutes: number | undefined
  /** Whether docs/reliability.md is written; by itself only by all campaigns in their long form. */
  readonly write: boolean
  /** Which campaigns to run. */
  readonly only: 'embedded' | 'aws' | undefined
  /** Whether the folder of the run stays. */
  readonly keep: boolean
}

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
    jobs: readNumber('--jobs', values.jobs),
    seed: readNumber('--seed', values.seed) ?? Math.floor(Math.random() * MAX_SEED),
    minutes: readNumber('--minutes', values.minutes),
    write: values.write || (form === 'long' && only === undefined),
  }
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new TypeError(`${name} ${text}: a number from 0`)
}
