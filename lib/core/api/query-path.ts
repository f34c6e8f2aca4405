import { z } from 'zod'

const MAX_PATH_CHARS = 2048

/**
 * Path (with query string) of the model server that a query job goes to. Refused: a second slash at
 * the start (it would name another host), `..` in any spelling, `#`, backslashes, spaces and
 * everything that is not visible ASCII.
 */
export const queryPathSchema = z
  .string()
  .max(MAX_PATH_CHARS)
  .regex(/^\/(?![/\\])[\x21-\x22\x24-\x5b\x5d-\x7e]*$/, 'is not a path of the model server')
  .refine((path) => !climbs(path), {
    error: 'climbs out of its folder',
    params: { allowed: 'a path without "." and ".." parts' },
  })
  .meta({
    description: 'Path of the model server, with its query string.',
    example: '/v1/classify?top=3',
  })

function climbs(path: string): boolean {
  const [file = ''] = path.split('?')
  const parts = file.replaceAll(/%2e/gi, '.').split(/\/|%2f|%5c/i)
  return parts.some((part) => part === '.' || part === '..')
}
