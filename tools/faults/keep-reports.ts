import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Report } from './report.ts'
import { renderScorecard } from './scorecard.ts'

const DOCS = resolve(import.meta.dirname, '../../docs')
const PAGE = resolve(DOCS, 'reliability.md')
const NUMBERS = resolve(DOCS, 'reliability.json')

/**
 * Writes the page. A campaign that ran alone replaces its own part; that of the other stays as it
 * was, with its own time and seed.
 */
export function keepReports(reports: readonly Report[]): void {
  const others = readKept().filter(({ title }) => reports.every((report) => report.title !== title))
  const all = [...reports, ...others].toSorted((one, other) => {
    return other.measures.accepted - one.measures.accepted
  })
  writeFileSync(NUMBERS, `${JSON.stringify(all, null, 1)}\n`)
  writeFileSync(PAGE, renderScorecard(all))
}

function readKept(): Report[] {
  if (!existsSync(NUMBERS)) return []
  return JSON.parse(readFileSync(NUMBERS, 'utf8')) as Report[]
}
