import { stripVTControlCharacters } from 'node:util'

/** Rows under their headings in columns as wide as their widest cell, two blanks between them. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => width(row[column]))))
  return all.map((row) => formatRow(row, widths)).join('')
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const missing = (widths[column] ?? 0) - width(cell)
    return `${cell}${' '.repeat(Math.max(missing, 0))}`
  })
  return `${cells.join('  ').trimEnd()}\n`
}

function width(cell: string | undefined): number {
  return stripVTControlCharacters(cell ?? '').length
}
