import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { SCENARIOS } from '../../../tools/model/explore/scenarios.ts'
import { MUTANTS } from '../../../tools/model/mutants/mutants.ts'
import { REGRESSIONS } from '../../../tools/model/regressions.ts'

const run = promisify(execFile)
/** Alone it takes an eighth of that. */
const LIMIT_MS = 240_000

interface Explored {
  readonly name: string
  readonly runs?: number
  readonly isComplete?: boolean
  readonly broken: readonly unknown[]
}

interface Replayed {
  readonly name: string
  readonly places: readonly number[]
  readonly clean?: unknown
  readonly broken?: { readonly invariant: string }
}

/** The model turns the clocks of its whole process, so it runs in one of its own. */
async function runModel<T>(program: string, args: readonly string[] = []): Promise<T[]> {
  const file = join(import.meta.dirname, '../../../tools/model', program)
  const { stdout } = await run(process.execPath, ['--no-warnings', file, ...args], {
    timeout: LIMIT_MS,
    maxBuffer: 16 * 1_048_576,
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

/** The quick ones; `npm run explore` goes through all of them, and deeper. */
const CASES = ['one worker, one job', 'a job that is canceled', 'two scalers']

describe('whatever goes wrong at any one call, and whoever dies there', () => {
  let explored: readonly Explored[] = []

  beforeAll(async () => {
    explored = await runModel<Explored>('explore-once.ts', CASES)
  }, LIMIT_MS)

  test.each(CASES)('every promise holds: %s', (name) => {
    const found = explored.find((each) => each.name === name)
    expect(found).toMatchObject({ isComplete: true, broken: [] })
    expect(found?.runs).toBeGreaterThan(500)
  })

  test.each(SCENARIOS.map(({ name }) => name))('the same way leads through: %s', (name) => {
    expect(explored.find((each) => each.name === `twice: ${name}`)).toMatchObject({ broken: [] })
  })

  test.each(REGRESSIONS.map(({ name }) => name))('%s', (name) => {
    expect(explored.find((each) => each.name === name)).toMatchObject({ broken: [] })
  })
})

describe('a fault that is put into the code on purpose breaks the promise that it should', () => {
  let replayed: readonly Replayed[] = []

  beforeAll(async () => {
    replayed = await runModel<Replayed>('mutants/replay.ts')
  }, LIMIT_MS)

  test.each(MUTANTS)('$name', ({ name, kills }) => {
    const found = replayed.find((each) => each.name === name)
    expect(found?.places.every((count) => count === 1)).toBe(true)
    expect(found?.clean).toBeUndefined()
    expect(found?.broken?.invariant).toBe(kills)
  })
})
