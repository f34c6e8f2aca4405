import { expect } from 'vitest'
import { formatDetails, ServiceError } from '../../lib/registry/errors.ts'
import { parseServiceConfig } from '../../lib/service/parse-service-config.ts'

const METADATA = { name: 'digits', type: 'ScalableJob' }
export const GOOD = { metadata: METADATA, containers: [{ image: 'digits' }] }

/** Every mistake in `raw`, a line each: path, problem, value given, what is allowed. */
export function mistakesIn(raw: unknown): string[] {
  try {
    parseServiceConfig(raw)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    expect(error.code).toBe('invalid-service-config')
    return formatDetails(error.details).trim().split(/\n +/)
  }
  return []
}

export function withMetadata(changes: object) {
  return { ...GOOD, metadata: { ...METADATA, ...changes } }
}

export function withContainer(changes: object) {
  return { ...GOOD, containers: [{ image: 'digits', ...changes }] }
}
