import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser'
import { describeParseErrors, placeOf, isTooDeep, MAX_JSON_DEPTH } from '../parsing/parse-json.ts'
import { ServiceError, showValue } from '../registry/errors.ts'
import { parseServiceConfig } from './parse-service-config.ts'
import type { Service } from './service.ts'

const MAX_CHARS = 1_048_576
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * The service that the text of a `service.json` describes. Comments (`//`, `/*`) and commas behind
 * the last entry are allowed.
 *
 * @param fileName stands in the messages
 * @throws ServiceError `invalid-service-config`: text that is not JSON (with line and column), a
 *   key given twice in one object, or any mistake that {@link parseServiceConfig} finds
 */
export function parseServiceText(text: string, fileName: string): Service {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  if (json.length > MAX_CHARS) {
    throw mistakeAt(fileName, {
      problem: 'is too long to be a service.json',
      got: `${json.length} characters`,
      allowed: `at most ${MAX_CHARS} characters`,
    })
  }
  return parseServiceConfig(parseTolerantJson(blankComments(json), fileName), fileName)
}

/**
 * With blanks for comments, so that every place stays where it is. `stripComments` of the parser
 * also repeats the character before each comment, so it moves them.
 */
function blankComments(text: string): string {
  const scanner = createScanner(text)
  let plain = ''
  while (plain.length < text.length) {
    scanner.scan()
    const token = text.slice(plain.length, scanner.getPosition())
    plain += /^\/[/*]/.test(token) ? token.replaceAll(/[^\r\n]/g, ' ') : token
  }
  return plain
}

function parseTolerantJson(json: string, fileName: string): unknown {
  if (isTooDeep(json)) {
    throw mistakeAt(fileName, {
      problem: 'is nested too deeply',
      got: `more than ${MAX_JSON_DEPTH} levels`,
      allowed: `at most ${MAX_JSON_DEPTH} levels of lists and objects`,
    })
  }
  const errors: ParseError[] = []
  const tree = parseTree(json, errors, { allowTrailingComma: true })
  if (errors.length > 0 || tree === undefined) {
    const mistake = describeParseErrors(json, errors)
    throw mistakeAt(toPlace(mistake, fileName), mistake)
  }
  return toValue(tree, (key) => {
    throw mistakeAt(toPlace(placeOf(json, key.offset), fileName), {
      problem: 'is a duplicate key',
      got: showValue(key.value),
      allowed: 'each key once in an object',
    })
  })
}

/** The value of a whole tree; keys such as `__proto__` stay what they are, keys. */
function toValue(node: Node, onDuplicate: (key: Node) => void): unknown {
  const { type, value, children = [] } = node
  if (type === 'array') return children.map((item) => toValue(item, onDuplicate))
  if (type !== 'object') return value
  const entries = new Map<string, unknown>()
  for (const { children: [key, inner] = [] } of children) {
    if (key === undefined || inner === undefined) continue
    const name = String(key.value)
    if (entries.has(name)) onDuplicate(key)
    entries.set(name, toValue(inner, onDuplicate))
  }
  return Object.fromEntries(entries)
}

/** `service.json:3:14`, as compilers and editors write it. */
function toPlace({ line, column }: { line: number; column: number }, fileName: string): string {
  return `${fileName}:${line}:${column}`
}

function mistakeAt(
  place: string,
  { problem, got, allowed }: { problem: string; got: string; allowed: string },
): ServiceError {
  const message = `${place} ${problem}: got ${got}; allowed: ${allowed}`
  return new ServiceError('invalid-service-config', message, {
    details: [{ path: place, problem, got, allowed }],
  })
}
