import { textLike } from '../../parsing/schema-rules.ts'

/** `name:value`, as `GET /jobs?tag=` takes it. */
export const tagFilterSchema = textLike(
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  /^[A-Za-z0-9.@/-][A-Za-z0-9_.@/-]{0,127}:[^\u0000-\u001f\u007f-\u009f]*$/,
  { problem: 'is not name:value', allowed: 'a tag name, a colon and the value' },
)

export function splitTagFilter(filter: string): readonly [name: string, value: string] {
  const colon = filter.indexOf(':')
  return [filter.slice(0, colon), filter.slice(colon + 1)]
}
