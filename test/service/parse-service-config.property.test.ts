import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ServiceError } from '../../lib/registry/errors.ts'
import { parseServiceConfig } from '../../lib/service/parse-service-config.ts'
import { parseServiceText } from '../../lib/service/parse-service-text.ts'
import { serviceSchema } from '../../lib/service/schema/service-schema.ts'
import { aServiceJson } from '../support/a-service.ts'
import { propertyRuns } from '../support/property-runs.ts'

/** Whatever `parse` throws must be a ServiceError that names at least one mistake. */
function expectServiceErrorOrNothing(parse: () => unknown): void {
  try {
    parse()
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError)
    expect(error).toMatchObject({ code: 'invalid-service-config' })
    expect((error as ServiceError).details.length).toBeGreaterThan(0)
  }
}

const SECTIONS = Object.keys(serviceSchema.shape)

it('any value at all is taken or refused with its mistakes named', () => {
  fc.assert(
    fc.property(fc.anything(), (raw) => expectServiceErrorOrNothing(() => parseServiceConfig(raw))),
    propertyRuns(100),
  )
})

it('any JSON in any section is taken or refused with its mistakes named', () => {
  const inSection = fc.dictionary(fc.constantFrom(...SECTIONS), fc.jsonValue(), { maxKeys: 4 })
  fc.assert(
    fc.property(inSection, (changes) => {
      expectServiceErrorOrNothing(() => parseServiceConfig({ ...aServiceJson(), ...changes }))
    }),
    propertyRuns(),
  )
})

it('any text is taken or refused with its mistakes named', () => {
  const cutOrFilled = fc
    .tuple(fc.string({ unit: 'binary' }), fc.nat(), fc.nat())
    .map(([filling, start, length]) => {
      const text = JSON.stringify(aServiceJson())
      const at = start % text.length
      return text.slice(0, at) + filling + text.slice(at + (length % 20))
    })
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), cutOrFilled), (text) => {
      expectServiceErrorOrNothing(() => parseServiceText(text, 'service.json'))
    }),
    propertyRuns(),
  )
})

it('keys that nobody knows change nothing and are all reported', () => {
  const unknownKeys = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 20 }).map((key) => `x${key}`),
    fc.jsonValue(),
    { maxKeys: 5 },
  )
  const { ignored: _none, ...plain } = parseServiceConfig(aServiceJson())
  fc.assert(
    fc.property(unknownKeys, unknownKeys, (atRoot, inMetadata) => {
      const json = aServiceJson()
      const { ignored, ...service } = parseServiceConfig({
        ...atRoot,
        ...json,
        metadata: { ...inMetadata, ...json.metadata },
      })
      expect(service).toEqual(plain)
      expect(ignored).toHaveLength(Object.keys(atRoot).length + Object.keys(inMetadata).length)
      expect(ignored.every(({ why }) => why.startsWith('unknown key'))).toBe(true)
    }),
    propertyRuns(100),
  )
})
