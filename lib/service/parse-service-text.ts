import { findJsonMistake } from '../parsing/find-json-mistake.ts'
import { ServiceError, showValue } from '../registry/errors.ts'
import { findRepeatedKey } from './find-repeated-key.ts'
import { parseServiceConfig } from './parse-service-config.ts'
import type { Service } from './service.ts'

const MAX_CHARS = 1_048_576
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * The service that the text of a `service.json` describes.
 *
 * @param fileName stands in the messages
 * @throws ServiceError `invalid-service-config`: text that is not JSON (with line and column), a
 *   key given twice in one object, or any mistake that {@link parseServiceConfig} finds
 */
export function parseServiceText(text: string, fileName: string): Service {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  if (json.length > MAX_CHARS) throw tooLong(json.length, fileName)
  const raw = parseJson(json, fileName)
  const repeated = findRepeatedKey(json)
  if (repeated === undefined) return parseServiceConfig(raw, fileName)
  throw mistakeAt({
    place: toPlace(json, repeated.offset, fileName),
    problem: 'is a key that its object has already, and JSON keeps only one of the two',
    got: showValue(repeated.key),
    allowed: 'each key once',
  })
}

function parseJson(json: string, fileName: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    const { offset, expected } = findJsonMistake(json)
    throw mistakeAt({
      place: toPlace(json, offset, fileName),
      problem: problemAt(json, offset),
      // One character only: what follows may be a token.
      got: offset < json.length ? showValue(json.charAt(offset)) : 'the end of the file',
      allowed: expected,
    })
  }
}

function problemAt(json: string, offset: number): string {
  const rest = json.slice(offset, offset + 2)
  if (rest === '//' || rest === '/*') return 'is a comment, and JSON has none'
  const before = json.slice(0, offset).trimEnd()
  const closes = rest.startsWith('}') || rest.startsWith(']')
  if (closes && before.endsWith(',')) return 'closes behind a comma that separates nothing'
  return rest === '' ? 'ends too early' : 'is not JSON'
}

/** `service.json:3:14`, as compilers and editors write it. */
function toPlace(json: string, offset: number, fileName: string): string {
  const before = json.slice(0, offset)
  const line = before.split('\n').length
  return `${fileName}:${line}:${offset - before.lastIndexOf('\n')}`
}

function mistakeAt(mistake: { place: string; problem: string; got: string; allowed: string }) {
  const { place, problem, got, allowed } = mistake
  const message = `${place} ${problem}: got ${got}; allowed: ${allowed}`
  return new ServiceError('invalid-service-config', message, {
    details: [{ path: place, problem, got, allowed }],
  })
}

function tooLong(chars: number, fileName: string): ServiceError {
  return mistakeAt({
    place: fileName,
    problem: 'is too long to be a service.json',
    got: `${chars} characters`,
    allowed: `at most ${MAX_CHARS} characters`,
  })
}
