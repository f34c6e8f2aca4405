import { ServiceError } from '../registry/errors.ts'
import { findJsonMistake } from './json-mistake.ts'

/** Deeper values would exhaust the stack of whatever walks them later. */
export const MAX_JSON_DEPTH = 64

/**
 * JSON from outside, strictly.
 *
 * @throws ServiceError `invalid-json` with the line and column of the first mistake
 */
export function parseJson(text: string, path = 'body'): unknown {
  if (isTooDeep(text)) throw tooDeep(path)
  try {
    return JSON.parse(text)
  } catch {
    throw invalidJson(text, path)
  }
}

function invalidJson(text: string, path: string): ServiceError {
  const { line, column, problem, got, allowed } = findJsonMistake(text)
  const where = `line ${line}, column ${column}`
  return new ServiceError('invalid-json', `the ${path} is not JSON: mistake at ${where}`, {
    details: [{ path, problem: `${problem}, at ${where}`, got, allowed }],
  })
}

/** Counts brackets outside of strings; the text need not be valid, but must not hold comments. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at) - 1
    else if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    if (depth > MAX_JSON_DEPTH) return true
  }
  return false
}

/** Just behind the closing quote of the string that opens at `offset`, or the text's end. */
function endOfString(text: string, offset: number): number {
  for (let at = offset + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
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
