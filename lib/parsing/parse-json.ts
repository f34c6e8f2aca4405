import { ServiceError, showValue } from '../registry/errors.ts'
import { endOfString, findJsonMistake } from './find-json-mistake.ts'

/** Deeper values would exhaust the stack of whatever walks them later. */
const MAX_JSON_DEPTH = 64

/**
 * JSON from outside.
 *
 * @throws ServiceError `invalid-json` with the line and column of the first mistake
 */
export function parseJson(text: string, path = 'body'): unknown {
  checkDepth(text, path)
  try {
    return JSON.parse(text)
  } catch {
    throw invalidJson(text, path)
  }
}

function invalidJson(text: string, path: string): ServiceError {
  const { offset, expected } = findJsonMistake(text)
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  const where = `line ${line}, column ${column}`
  const isEnd = offset >= text.length
  return new ServiceError('invalid-json', `the ${path} is not JSON: mistake at ${where}`, {
    details: [
      {
        path,
        problem: isEnd ? `ends too early, at ${where}` : `cannot be read at ${where}`,
        got: isEnd ? 'nothing' : showValue(text.slice(offset, offset + 20)),
        allowed: expected,
      },
    ],
  })
}

/** Counts brackets outside of strings; the text need not be valid. */
function checkDepth(text: string, path: string): void {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at) - 1
    else if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    if (depth > MAX_JSON_DEPTH) throw tooDeep(path)
  }
}

function tooDeep(path: string): ServiceError {
  return new ServiceError('invalid-request', `the ${path} is nested too deeply`, {
    details: [
      {
        path,
        problem: 'is nested too deeply',
        got: `more than ${MAX_JSON_DEPTH} levels`,
        allowed: `at most ${MAX_JSON_DEPTH} levels of arrays and objects`,
      },
    ],
  })
}
