import { formatTable } from '../../lib/cli/format-table.ts'
import prices from './prices.json' with { type: 'json' }
import type { Cost, CostLine } from './price-usage.ts'
import { HOURS_PER_MONTH } from './usage.ts'

/** The cost line by line for a terminal, the largest line named, and where the prices are from. */
export function formatCost({ lines, listUsd, usd }: Cost): string {
  const rows = lines.map(({ what, meter, amount, ...line }) => [
    what,
    `${shortened(amount)} × ${prices.meters[meter].what}`,
    dollars(line.listUsd),
    dollars(line.usd),
  ])
  const total = ['total', '', dollars(listUsd), dollars(usd)]
  const table = formatTable(['what', 'how much', 'list price', 'to pay'], [...rows, total])
  return `${table}\n${largest(lines)}${notes()}`
}

function largest(lines: readonly CostLine[]): string {
  const [toPay] = lines
  if (toPay === undefined) return ''
  const listed = lines.reduce((most, line) => (line.listUsd > most.listUsd ? line : most))
  const name = ({ what }: CostLine, usd: number) => `${what}, ${dollars(usd)} a month`
  return `Largest to pay: ${name(toPay, toPay.usd)}. At list price: ${name(listed, listed.listUsd)}.\n`
}

function notes(): string {
  const { region, date, source } = prices
  return [
    `US dollars for a month of ${HOURS_PER_MONTH} hours without a job, ${region}, ${date}.`,
    '"To pay" is after what AWS gives every account each month for ever, all of it used here.',
    source,
    '',
  ].join('\n')
}

function shortened(amount: number): string {
  return amount.toLocaleString('en', { maximumFractionDigits: 1 })
}

function dollars(usd: number): string {
  return usd.toFixed(2)
}
