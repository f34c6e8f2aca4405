import { parseServiceConfig } from '../../lib/service/parse-service-config.ts'
import type { Service } from '../../lib/service/service.ts'

/**
 * A small service with fast timing. `json` replaces top-level keys of its service.json before
 * parsing, `overrides` keys of the parsed service.
 */
export function aService(overrides: Partial<Service> = {}, json: object = {}): Service {
  return { ...parseServiceConfig({ ...aServiceJson(), ...json }), ...overrides }
}

/** The service.json of {@link aService}: command jobs and queries, one worker at first. */
export function aServiceJson() {
  return {
    metadata: { name: 'digits', type: 'ScalableJob' },
    containers: [{ image: 'digits', command: 'python serve.py', port: 8000 }],
    scalable_job: {
      timing: {
        beat_seconds: 0.2,
        lease_seconds: { command: 1.5, query: 1 },
        look_seconds: 0.5,
        protection_hold_seconds: 0.2,
        stop_seconds: 2,
      },
    },
  }
}
