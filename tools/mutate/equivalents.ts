import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './find-places.ts'

/** A fault that changes nothing that anybody can see, and why. */
export interface Equivalent {
  readonly file: string
  readonly operator: string
  /** The line as it stands, blanks joined. */
  readonly before: string
  /** What the fault makes of the changed words; any where absent. */
  readonly text?: string
  readonly why: string
}

export function readEquivalents(): Equivalent[] {
  const path = join(import.meta.dirname, 'equivalents.json')
  return JSON.parse(readFileSync(path, 'utf8')) as Equivalent[]
}

export function findEquivalent(known: readonly Equivalent[], place: Place): Equivalent | undefined {
  return known.find(
    ({ file, operator, before, text = place.text }) =>
      file === place.file &&
      operator === place.operator &&
      before === place.before &&
      text === place.text,
  )
}
