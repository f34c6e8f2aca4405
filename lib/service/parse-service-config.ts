import { ServiceError } from '../registry/errors.ts'
import { checkWithSchema, mistakesError } from '../parsing/parse-with-schema.ts'
import { compileService } from './compile-service.ts'
import { deepFreeze } from './serialised-service.ts'
import { expandDottedKeys } from './expand-dotted-keys.ts'
import { listIgnoredKeys } from './list-ignored-keys.ts'
import { listMootKeys } from './list-moot-keys.ts'
import { serviceSchema } from './schema/service-schema.ts'
import type { Service } from './service.ts'

const CODE = 'invalid-service-config'

/**
 * The service that `raw`, the parsed content of a `service.json`, describes: defaults filled in,
 * frozen. Keys without effect are listed in `ignored`, each with the reason.
 *
 * @param what how a message calls the content
 * @throws ServiceError `invalid-service-config` with one detail per mistake
 */
export function parseServiceConfig(raw: unknown, what = 'service.json'): Service {
  if (typeof raw === 'string') throw unparsed(raw, what)
  const { value, mistakes } = expandDottedKeys(raw)
  const checked = checkWithSchema(serviceSchema, value)
  if (!checked.ok || mistakes.length > 0) {
    const all = checked.ok ? mistakes : [...mistakes, ...checked.mistakes]
    throw mistakesError(all, { code: CODE, what })
  }
  const ignored = [...listIgnoredKeys(serviceSchema, value), ...listMootKeys(checked.data, value)]
  return deepFreeze({ ...compileService(checked.data), ignored })
}

/** Shows nothing of the text: it may begin with the token. */
function unparsed(raw: string, what: string): ServiceError {
  const detail = {
    path: '(root)',
    problem: 'is text that is not parsed yet',
    got: `${raw.length} characters`,
    allowed: 'an object; parseServiceText takes text',
  }
  return mistakesError([detail], { code: CODE, what })
}
