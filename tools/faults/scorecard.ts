import { ENOUGH_JOBS, type Verdict } from './gates.ts'
import { quantile } from './quantile.ts'
import type { Counted, Report } from './report.ts'

const SEEN_HEAD = ['what it sees', 'by what']
const SEEN_BY = [
  ['a job lost', 'each accepted submit, and each end that the output queue or the API told'],
  [
    'ended twice, overwritten',
    'every end as told during the run and again at its end, with the hash of its result',
  ],
  [
    'a status that is not true',
    'what the job was made to do, against what it did; losses that nobody caused',
  ],
  [
    'a busy worker stopped',
    'signals sent to workers, against signs of life of their jobs before and after',
  ],
  ['orphans, two at once', 'the process table, once a second, and the signs of life'],
  ['a dead worker noticed', 'from the kill to the first answer of the API that says so'],
  ['log bytes cut', 'numbered lines of known length, against what the log API gives back'],
]

const INTRODUCTION = `# Reliability

What is promised here was tried: a campaign runs the service, submits jobs of many kinds, breaks
things while they run, and afterwards compares what it saw with what the service said. What it saw
is its own: answers to its requests, messages of the output queue, lines that the jobs themselves
append to a file, and the process table. This page is written by that campaign and holds the
numbers of the runs named below, no others.

\`\`\`bash
npm run faults              # the long form; writes this page
npm run faults -- --short   # minutes; runs with every change
\`\`\`

${renderTable(SEEN_HEAD, SEEN_BY)}

The time to notice a dead worker is that in which the scaler could look: where the campaign itself
had the service, the scaler or its store wholly away (stopped, frozen, locked by another, an outage of
DynamoDB or ECS), that time is left out of the gate, and "absences counted" is the time on the wall.

A gate that fails fails the run and names jobs to look at. "Cases" is how much a gate had the chance
to see: ends told more than once, signals to workers, workers noticed, bytes of log. A run of ${ENOUGH_JOBS} jobs
or more in which a gate had nothing to see fails too, for it has shown nothing. The seed repeats
the jobs and the order and sort of the faults, though not the moment at which the machine's scheduler lets each strike.
`

/** The page, from the reports of one or more campaigns. */
export function renderScorecard(reports: readonly Report[]): string {
  return [INTRODUCTION, ...reports.map(renderReport)].join('\n')
}

/** One campaign's part of the page; also what it prints at its end. */
export function renderReport(report: Report): string {
  const { title, about, again, seed, startedAt, minutes, measures, remarks } = report
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `## ${title}`,
    about,
    `${measures.accepted} jobs were accepted and ${measures.ended} ended, in ${minutes.toFixed(1)} minutes from ${startedAt}, seed ${seed}; ${versions.join(', ')}. Again: \`${again}\`.`,
    renderVerdicts(report.verdicts),
    renderNumbers(report),
    renderCounts('Jobs', report.jobs),
    renderCounts('Faults', report.faults),
    renderCounts('Retries by cause', report.retries),
    ...remarks,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function renderVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const { name, unit, atMost, measured, outOf } = verdict
    const value = measured === undefined ? 'none happened' : `${roundOff(measured)} ${unit}`
    return [name, value, String(outOf ?? ''), `${atMost} ${unit}`, describeVerdict(verdict)]
  })
  return renderTable(['gate', 'measured', 'cases', 'at most', 'verdict'], rows)
}

function describeVerdict({ passed, outOf, jobIds }: Verdict): string {
  const isEmpty = outOf === 0
  if (passed) return isEmpty ? 'nothing to see' : 'pass'
  return ['**fail**', ...(isEmpty ? ['nothing to see'] : []), ...jobIds].join(' ')
}

function renderNumbers({ measures }: Report): string {
  const { noticedKilledMs, noticedHungMs, noticedWallMs } = measures
  const rows = [
    ['killed workers noticed', String(noticedKilledMs.length), spread(noticedKilledMs)],
    ['the same, absences counted', '', spread(noticedWallMs)],
    ['hung workers noticed', String(noticedHungMs.length), spread(noticedHungMs)],
    ['log bytes written and compared', String(measures.logBytesWritten), ''],
    ['log bytes cut, with a marker', String(measures.logBytesCutMarked), ''],
    ['log bytes cut, without', String(measures.logBytesCutUnmarked), ''],
  ]
  return renderTable(['also measured', 'count', 'median, p99, longest'], rows)
}

function spread(timesMs: readonly number[]): string {
  const marks = [0.5, 0.99, 1].map((share) => quantile(timesMs, share))
  return marks.some((mark) => mark === undefined)
    ? ''
    : marks.map((mark) => `${roundOff((mark ?? 0) / 1000)} s`).join(', ')
}

function renderCounts(title: string, counts: readonly Counted[]): string {
  if (counts.length === 0) return ''
  const rows = counts.map(({ name, count }) => [name, String(count)])
  return renderTable([title, 'count'], rows)
}

/** Columns are as wide as their widest cell, as the formatter of this repository wants them. */
function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => {
    return Math.max(3, ...[head, ...rows].map((cells) => cells[at]?.length ?? 0))
  })
  const fill = (cells: readonly string[], by = ' '): string => {
    return `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width, by)).join(' | ')} |`
  }
  return [fill(head), fill([], '-'), ...rows.map((cells) => fill(cells))].join('\n')
}

function roundOff(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1)
}
