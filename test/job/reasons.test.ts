import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { END_REASONS } from '../../lib/job/reasons.ts'

const ROOT = join(import.meta.dirname, '../..')

test.each(Object.keys(END_REASONS))('something ends a job with the reason %s', (reason) => {
  const sources = globSync('{lib/job/life,lib/scaler,worker}/**/*.ts', { cwd: ROOT })
  const writers = sources.filter((path) => {
    return readFileSync(join(ROOT, path), 'utf8').includes(`'${reason}'`)
  })
  expect(writers).not.toEqual([])
})
