/**
 * Writes the reference pages and the JSON Schema from the registries that the code itself uses:
 * `npm run docs`. A test says when one of them is out of date.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages } from './reference-pages.ts'

const root = join(import.meta.dirname, '..')
for (const { file, text } of referencePages()) {
  writeFileSync(join(root, file), text)
  console.log(`written: ${file}`)
}
