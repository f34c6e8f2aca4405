import { randomInt } from 'node:crypto'

/** The same inputs in every run of the suite, so that a change is what makes it fail. */
const SUITE_SEED = 20_261_122

/**
 * How often, and from which seed, a property is tried: the arguments of `fc.assert`.
 *
 * `npm run fuzz` tries others, and more of them: `FUZZ_FACTOR` times as many (default 1), from
 * `FUZZ_SEED`, a whole number or `random` (default: always the same one). What fails is printed with
 * its seed and path.
 *
 * @param numRuns inputs tried in the suite
 */
export function propertyRuns(numRuns = 500): { numRuns: number; seed: number } {
  const factor = Number(process.env['FUZZ_FACTOR'] ?? 1)
  const seed = process.env['FUZZ_SEED'] ?? SUITE_SEED
  return { numRuns: numRuns * factor, seed: seed === 'random' ? randomInt(2 ** 31) : Number(seed) }
}
