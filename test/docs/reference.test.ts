import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { referencePages } from '../../scripts/reference-pages.ts'

const FOLDER = resolve(import.meta.dirname, '../../docs/reference')

test.each(referencePages())('docs/reference/$file says what the code does', ({ file, text }) => {
  expect(readFileSync(join(FOLDER, file), 'utf8')).toBe(text)
})
