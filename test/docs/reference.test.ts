import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { referencePages } from '../../scripts/reference-pages.ts'

const ROOT = resolve(import.meta.dirname, '../..')

test.each(referencePages())('$file says what the code does', ({ file, text }) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toBe(text)
})
