import fc from 'fast-check'
import { expect } from 'vitest'
import { type ErrorCode, ServiceError } from '../../../lib/registry/errors.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** A parser that takes something from outside. */
export interface Edge<T> {
  readonly input: fc.Arbitrary<T>
  readonly parse: (input: T) => unknown
  /** With which codes, or kinds of errors, it may refuse. None: it answers whatever comes. */
  readonly refuses: readonly (ErrorCode | (new (...args: never[]) => Error))[]
  /** What must be true of everything that it takes. */
  readonly holds?: (output: never, input: T) => void | Promise<void>
  readonly runs?: number
}

/** Whatever comes in, the parser answers as it says, or refuses as it says with what was wrong. */
export async function expectEdge<T>(edge: Edge<T>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(edge.input, async (input) => {
      const outcome = await attempt(() => edge.parse(input))
      if ('error' in outcome) expectRefusal(outcome.error, edge)
      else await edge.holds?.(outcome.output as never, input)
    }),
    propertyRuns(edge.runs),
  )
  expect(Object.keys(Object.prototype)).toEqual([])
}

async function attempt(parse: () => unknown): Promise<{ output: unknown } | { error: unknown }> {
  try {
    return { output: await parse() }
  } catch (error) {
    return { error }
  }
}

function expectRefusal<T>(error: unknown, { refuses }: Edge<T>): void {
  if (error instanceof ServiceError && refuses.includes(error.code)) {
    expect(error.details.length).toBeGreaterThan(0)
    for (const { path, problem } of error.details) expect(path && problem).toBeTruthy()
    expect(error.message.length).toBeLessThan(2_000)
    return
  }
  const isNamed = refuses.some((kind) => typeof kind !== 'string' && error instanceof kind)
  if (!isNamed) throw error
}

/** Any text, with what has a meaning somewhere more often than by chance. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom('', ' ', '0', '-1', '1e999', '__proto__', 'null', '\u0000', '\ud800', '\u202e'),
  fc.constantFrom('../..', '%2e%2e', '\r\nX-Evil: 1', '\u001b[2J', '9'.repeat(400), ':'.repeat(50)),
  fc.constantFrom('{"__proto__":{"a":1}}', '['.repeat(2_000), '"', '{"a":', 'x'.repeat(20_000)),
)

/** Texts of pieces: what a grammar is made of, in any order. */
export function textOf(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...pieces), anyText)
  return fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''))
}

/** JSON, or nearly; of these shapes as well as of any other. */
export function jsonTextOf(...values: readonly unknown[]): fc.Arbitrary<string> {
  const known = fc.constantFrom(...values.map((value) => JSON.stringify(value)))
  const cut = fc.tuple(known, fc.nat(60), anyText).map(([text, at, filling]) => {
    return text.slice(0, at) + filling + text.slice(at + filling.length)
  })
  return fc.oneof(known, cut, fc.json({ maxDepth: 3 }), anyText)
}
