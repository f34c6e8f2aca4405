import { endOfString } from '../parsing/find-json-mistake.ts'

export interface RepeatedKey {
  readonly key: string
  /** Characters before the second one. */
  readonly offset: number
}

/** The first key that stands twice in one object of `json`, which must be valid JSON. */
export function findRepeatedKey(json: string): RepeatedKey | undefined {
  const open: Set<string>[] = []
  for (let offset = 0; offset < json.length; offset += 1) {
    const char = json[offset]
    // A list gets a set too, which stays empty: the brackets then pair up without a look at them.
    if (char === '{' || char === '[') open.push(new Set())
    else if (char === '}' || char === ']') open.pop()
    else if (char === '"') {
      const end = endOfString(json, offset)
      const key = keyAt(json, offset, end)
      if (key !== undefined) {
        if (open.at(-1)?.has(key)) return { key, offset }
        open.at(-1)?.add(key)
      }
      offset = end - 1
    }
  }
  return undefined
}

/** The string from `start` to `end`, where a colon behind it makes it a key. */
function keyAt(json: string, start: number, end: number): string | undefined {
  let next = end
  while (/\s/.test(json.charAt(next))) next += 1
  return json[next] === ':' ? (JSON.parse(json.slice(start, end)) as string) : undefined
}
