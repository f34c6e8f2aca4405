export interface JsonMistake {
  /** Characters before the mistake. */
  readonly offset: number
  readonly expected: string
}

const BARE_VALUE = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const SPACE = /[ \t\n\r]*/y

type State = 'value' | 'first value' | 'first key' | 'key' | 'colon' | 'after value'

const EXPECTED: Readonly<Record<State, string>> = {
  value: 'a value',
  'first value': 'a value or "]"',
  'first key': 'a key in double quotes or "}"',
  key: 'a key in double quotes',
  colon: '":"',
  'after value': '"," or the closing bracket',
}

/** Where a text stops being JSON: the engine's own message names no place for short texts. */
export function findJsonMistake(text: string): JsonMistake {
  const open: string[] = []
  let state: State = 'value'
  let offset = skipSpace(text, 0)
  for (;;) {
    const step = takeStep(text, { offset, state, open })
    if (step === undefined) {
      const isWhole = state === 'after value' && open.length === 0
      return { offset, expected: isWhole ? 'the end of the text' : EXPECTED[state] }
    }
    state = step.state
    offset = skipSpace(text, step.offset)
  }
}

interface Place {
  readonly offset: number
  readonly state: State
  /** Brackets that are open, outermost first; changed by each step. */
  readonly open: string[]
}

function takeStep(
  text: string,
  { offset, state, open }: Place,
): { state: State; offset: number } | undefined {
  const char = text[offset]
  const next = offset + 1
  if (state === 'colon') return char === ':' ? { state: 'value', offset: next } : undefined
  if (state === 'after value' || state.startsWith('first')) {
    const closes = open.at(-1) === '{' ? '}' : ']'
    if (open.length > 0 && char === closes) {
      open.pop()
      return { state: 'after value', offset: next }
    }
  }
  if (state === 'after value') {
    if (char !== ',' || open.length === 0) return undefined
    return { state: open.at(-1) === '{' ? 'key' : 'value', offset: next }
  }
  const wantsKey = state === 'key' || state === 'first key'
  if (!wantsKey && (char === '{' || char === '[')) {
    open.push(char)
    return { state: char === '{' ? 'first key' : 'first value', offset: next }
  }
  const end = endOfScalar(text, offset)
  if (end === undefined || (wantsKey && char !== '"')) return undefined
  return { state: wantsKey ? 'colon' : 'after value', offset: end }
}

function endOfScalar(text: string, offset: number): number | undefined {
  if (text[offset] === '"') {
    const end = endOfString(text, offset)
    return isWholeString(text, offset, end) ? end : undefined
  }
  BARE_VALUE.lastIndex = offset
  return BARE_VALUE.test(text) ? BARE_VALUE.lastIndex : undefined
}

/** Just behind the closing quote of the string that opens at `offset`, or the text's end. */
export function endOfString(text: string, offset: number): number {
  for (let at = offset + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function isWholeString(text: string, start: number, end: number): boolean {
  if (end - start < 2 || text[end - 1] !== '"') return false
  let at = start + 1
  for (; at < end - 1; at += 1) {
    if (text.charCodeAt(at) < 0x20) return false
    if (text[at] !== '\\') continue
    ESCAPE.lastIndex = at
    if (!ESCAPE.test(text)) return false
    at = ESCAPE.lastIndex - 1
  }
  return at === end - 1
}

function skipSpace(text: string, offset: number): number {
  SPACE.lastIndex = offset
  SPACE.test(text)
  return SPACE.lastIndex
}
