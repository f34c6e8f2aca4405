import type { Judgement, Verdict } from './judge.ts'
import type { Mutant } from './pick-places.ts'

export interface Result extends Judgement {
  readonly mutant: Mutant
}

const CAUGHT: readonly Verdict[] = ['killed', 'timed-out', 'types']

/** The table per area, what survived, and what only the compiler or the clock saw, as Markdown. */
export function renderReport(results: readonly Result[], title: string): string {
  const areas = Map.groupBy(results, ({ mutant }) => mutant.area)
  const rows = [...areas].map(([area, own]) => renderRow(area, own))
  const header = '| Area | caught | % | by tests | out of time | by tsc | survived | equivalent |'
  const line = '| --- | --: | --: | --: | --: | --: | --: | --: |'
  return [
    `# ${title}`,
    [header, line, ...rows, renderRow('**all**', results)].join('\n'),
    ...renderList('Survivors', results, 'survived'),
    ...renderList('Out of time', results, 'timed-out'),
    ...renderList('Caught by the type checker alone', results, 'types'),
    ...renderList('Equivalent', results, 'equivalent'),
    '',
  ].join('\n\n')
}

function renderRow(name: string, results: readonly Result[]): string {
  const count = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length
  const caught = CAUGHT.reduce((sum, verdict) => sum + count(verdict), 0)
  const judged = results.length - count('equivalent')
  const percent = judged === 0 ? '–' : Math.floor((100 * caught) / judged)
  const counts = [...CAUGHT, 'survived' as const, 'equivalent' as const].map(count)
  return `| ${[name, `${caught}/${judged}`, percent, ...counts].join(' | ')} |`
}

function renderList(title: string, results: readonly Result[], verdict: Verdict): string[] {
  const found = results.filter((result) => result.verdict === verdict)
  return found.length === 0 ? [] : [`## ${title}`, ...found.map(renderResult)]
}

function renderResult({ mutant, by, tried }: Result): string {
  const { file, line, area, operator, before, text } = mutant
  const lines = [`### ${file}:${line} (${area})`, `- ${operator}: \`${before}\` → \`${text}\``]
  if (by !== undefined) lines.push(`- ${by}`)
  if (tried.length > 0) lines.push(`- seen by none of: ${tried.join(', ')}`)
  return lines.join('\n')
}
