import { formatTable } from '../../lib/cli/format-table.ts'
import prices from './prices.json' with { type: 'json' }
import type { Cost, CostLine } from './price-usage.ts'

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

function largest([first]: readonly CostLine[]): string {
  return first === undefined ? '' : `Largest: ${first.what}, ${dollars(first.usd)} a month.\n`
}

function notes(): string {
  const { region, date, source } = prices
  return `US dollars for a month of 730 hours without a job, ${region}, ${date}. "To pay" is after what AWS gives every\naccount each month without end, all of it used by this service. ${source}\n`
}

function shortened(amount: number): string {
  return amount.toLocaleString('en', { maximumFractionDigits: 1 })
}

function dollars(usd: number): string {
  return usd.toFixed(2)
}
