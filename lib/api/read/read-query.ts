import type { z } from 'zod'
import { ServiceError, showValue } from '../../registry/errors.ts'
import { formatPath, parseWithSchema } from '../../parsing/parse-with-schema.ts'

/**
 * The query string, parsed. A parameter that stands twice is a mistake unless the route takes a
 * list of it: which of the two was meant would be a guess.
 *
 * @throws ServiceError `invalid-request`
 */
export function readQuery<Q extends z.ZodType>(
  schema: Q,
  url: string,
  repeatable: readonly string[] = [],
): z.output<Q> {
  const given = groupByName(new URL(url).searchParams)
  const values = [...given].map(([name, texts]): [string, unknown] => {
    if (repeatable.includes(name)) return [name, texts]
    if (texts.length > 1) throw givenTwice(name, texts)
    return [name, texts[0]]
  })
  const what = 'the query string'
  return parseWithSchema(schema, Object.fromEntries(values), {
    code: 'invalid-request',
    what,
    root: 'query',
  })
}

function groupByName(params: URLSearchParams): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const [name, text] of params) {
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [text])
    else group.push(text)
  }
  return groups
}

function givenTwice(name: string, texts: readonly string[]): ServiceError {
  const path = formatPath([name], 'query')
  const [first, second] = texts.map((text) => showValue(text, path))
  return new ServiceError('invalid-request', `${path} stands more than once`, {
    details: [
      {
        path,
        problem: 'stands more than once',
        got: `${first} and ${second}`,
        allowed: 'one value',
      },
    ],
  })
}
