import { ServiceError, showValue } from '../registry/errors.ts'
import { type ParseError, printParseErrorCode, visit } from 'jsonc-parser'

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

/** Where text stops being JSON, and why, in words. */
export interface JsonMistake {
  readonly line: number
  readonly column: number
  readonly problem: string
  /** One character only: what follows may be a token. */
  readonly got: string
  readonly allowed: string
}

const ALLOWED: Readonly<Record<string, string>> = {
  InvalidNumberFormat: 'a number such as 1 or -0.5',
  UnexpectedEndOfNumber: 'a number such as 1 or -0.5',
  PropertyNameExpected: 'a key in double quotes',
  ColonExpected: '":"',
  CommaExpected: '"," or the closing bracket',
  CloseBraceExpected: '"," or "}"',
  CloseBracketExpected: '"," or "]"',
  EndOfFileExpected: 'the end of the text',
  InvalidCommentToken: 'JSON without comments',
  UnexpectedEndOfComment: '*/ at the end of the comment',
  UnexpectedEndOfString: 'a double quote at the end of the text, on the same line',
  InvalidUnicode: String.raw`an escape such as \u0041`,
  InvalidEscapeCharacter: String.raw`an escape such as \n, \" or \\`,
  InvalidCharacter: 'text without control characters',
}

const PROBLEMS: Readonly<Record<string, string>> = {
  InvalidCommentToken: 'is a comment, and JSON has none',
  UnexpectedEndOfString: 'is text without an end',
  InvalidUnicode: 'is text with a wrong escape in it',
  InvalidEscapeCharacter: 'is text with a wrong escape in it',
  InvalidCharacter: 'is text with a control character in it',
}

/** The first mistake of text that is not strict JSON; its depth must be checked before. */
export function findJsonMistake(text: string): JsonMistake {
  const errors: ParseError[] = []
  const onError = (error: ParseError['error'], offset: number, length: number): void => {
    if (errors.length < 2) errors.push({ error, offset, length })
  }
  visit(text, { onError }, { disallowComments: true })
  return describeParseErrors(text, errors)
}

/** @param errors in their order; the second says what the parser wanted where it met a strange word */
export function describeParseErrors(text: string, errors: readonly ParseError[]): JsonMistake {
  const [first, second] = errors
  const offset = first?.offset ?? text.length
  const code = nameOf(first)
  const wanted = code === 'InvalidSymbol' ? nameOf(second, 'CommaExpected') : code
  const isEnd = offset >= text.length
  return {
    ...placeOf(text, offset),
    problem: isEnd ? 'ends too early' : problemAt(text, offset, code),
    got: isEnd ? 'the end of the text' : showValue(text.charAt(offset)),
    allowed: ALLOWED[wanted] ?? 'a value',
  }
}

function nameOf(error: ParseError | undefined, otherwise = 'ValueExpected'): string {
  return error === undefined ? otherwise : printParseErrorCode(error.error)
}

function problemAt(text: string, offset: number, code: string): string {
  const closes = text[offset] === '}' || text[offset] === ']'
  if (closes && text.slice(0, offset).trimEnd().endsWith(','))
    return 'has a trailing comma before it'
  return PROBLEMS[code] ?? 'is not JSON'
}

/** Both from 1, as editors count. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
