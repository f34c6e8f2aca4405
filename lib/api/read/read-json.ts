import { parseJson } from '../../parsing/parse-json.ts'
import { ServiceError } from '../../registry/errors.ts'

/**
 * JSON text of a body, whatever its Content-Type says: `curl -d` sends another one.
 *
 * @throws ServiceError `invalid-json`
 */
export function readJson(body: Uint8Array): unknown {
  return parseJson(decodeUtf8(body))
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new ServiceError('invalid-json', 'the body is not UTF-8', {
      details: [{ path: 'body', problem: 'is not UTF-8', allowed: 'JSON in UTF-8' }],
    })
  }
}
