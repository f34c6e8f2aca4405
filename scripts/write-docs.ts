/**
 * Writes the reference pages from the registries that the code itself uses, so that they cannot
 * differ from it: `npm run docs`. With `--check` it only says which pages are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages } from './reference-pages.ts'
import './write-schema.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'reference')
const isCheck = process.argv.includes('--check')
const stale = referencePages().filter(({ file, text }) => readPage(file) !== text)

for (const { file, text } of stale) {
  if (!isCheck) writeFileSync(join(folder, file), text)
  console.log(`${isCheck ? 'out of date' : 'written'}: docs/reference/${file}`)
}
if (isCheck && stale.length > 0) {
  console.log('run `npm run docs`')
  process.exitCode = 1
}

function readPage(file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    return undefined // Not there yet: written like any other that differs.
  }
}
