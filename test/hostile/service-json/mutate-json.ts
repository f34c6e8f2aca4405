import fc from 'fast-check'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Values that readers of JSON have stumbled over. */
const NASTY: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  2 ** 31,
  2 ** 64,
  NaN,
  '',
  ' ',
  '0',
  '-1',
  'null',
  'true',
  '__proto__',
  'constructor',
  '../..',
  '/etc/passwd',
  '\u0000',
  '\ud800',
  '\u202e',
  '\u001b[31m',
  '\u009b2J',
  'a\nb',
  '${x}',
  '$(id)',
  '{{x}}',
  'é',
  'e\u0301',
  'x'.repeat(300),
  'x'.repeat(70_000),
  '𝒳'.repeat(40),
  '9'.repeat(400),
  [],
  {},
  [[[[]]]],
  { '': 1 },
  { toString: 'x', valueOf: 1, hasOwnProperty: null },
  nest(60),
  nest(3_000),
  Array.from({ length: 2_000 }, () => ({})),
]

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  '\u009b2J',
  'a.b',
  'metadata.name',
  'rpc.keepalive',
  'containers',
  'metadata',
  'scalable_job',
  'x'.repeat(1_000),
]

const HOWS = ['delete', 'replace', 'repeat', 'nest', 'rename', 'add', 'list', 'unlist'] as const

interface Mutation {
  readonly how: (typeof HOWS)[number]
  /** Which of all places, from the first to the last. */
  readonly where: number
  readonly value: Json
  readonly key: string
}

/** One to four changes at places of chance. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    how: fc.constantFrom(...HOWS),
    where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    value: fc.oneof(fc.constantFrom(...NASTY), fc.jsonValue() as fc.Arbitrary<Json>),
    key: fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 12 })),
  }),
  { minLength: 1, maxLength: 4 },
)

/** The JSON text with the changes; keys may stand twice in it, which no object can show. */
export function mutateJson(json: unknown, changes: readonly Mutation[]): string {
  let text = JSON.stringify(json)
  for (const change of changes) text = mutateOnce(text, change)
  return text
}

/** On the text, so that `__proto__` and repeated keys stay what they are. */
function mutateOnce(text: string, { how, where, value, key }: Mutation): string {
  const places = findPlaces(text)
  const place = places[Math.floor(where * places.length)]
  if (place === undefined) return text
  const { keyStart, start, end } = place
  const [old, given] = [text.slice(start, end), JSON.stringify(value)]
  const name = JSON.stringify(key)
  const put = (from: number, by: string) => text.slice(0, from) + by + text.slice(end)
  const member = text.slice(keyStart, end)
  const changed: Record<Mutation['how'], () => string> = {
    delete: () => put(keyStart, `${name}:null`),
    replace: () => put(start, given),
    repeat: () => put(keyStart, `${member},${member}`),
    nest: () => put(start, `{${name}:${old}}`),
    rename: () => put(keyStart, `${name}:${old}`),
    add: () => put(keyStart, `${member},${name}:${given}`),
    list: () => put(start, `[${old},${given}]`),
    unlist: () => put(start, /^\[.*\]$/s.test(old) ? old.slice(1, -1) || 'null' : '7'),
  }
  return changed[how]()
}

interface Place {
  readonly keyStart: number
  readonly start: number
  readonly end: number
}

/** Every `"key": value` of a text that is JSON. */
function findPlaces(text: string): Place[] {
  const places: Place[] = []
  for (const match of text.matchAll(/[{,]("(?:[^"\\]|\\.)*"):/g)) {
    const keyStart = match.index + 1
    const start = match.index + match[0].length
    places.push({ keyStart, start, end: endOfValue(text, start) })
  }
  return places
}

function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') at = endOfText(text, at)
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']' || char === ',') {
      if (depth === 0) return at
      if (char !== ',') depth -= 1
      if (depth === 0 && char !== ',') return at + 1
    }
  }
  return text.length
}

function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function nest(depth: number): Json {
  let value: Json = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}
