import prices from './prices.json' with { type: 'json' }
import type { MeterName, Usage } from './usage.ts'

interface Meter {
  readonly usd: number
  readonly free: number
  readonly what: string
}

export interface CostLine {
  readonly meter: MeterName
  readonly what: string
  /** Of everything with this meter in a month. */
  readonly amount: number
  /** At list price. */
  readonly listUsd: number
  /** After what AWS gives every account each month for ever; one service has all of it to itself. */
  readonly usd: number
}

export interface Cost {
  /** The largest first. */
  readonly lines: readonly CostLine[]
  readonly listUsd: number
  readonly usd: number
}

const METERS: Readonly<Record<MeterName, Meter>> = prices.meters

/** Adds up what is used and prices it. Lines of one meter and one text are one line. */
export function priceUsage(usages: readonly Usage[]): Cost {
  const free = new Map(Object.entries(METERS).map(([name, meter]) => [name, meter.free]))
  const lines = merge(usages).map((usage) => {
    const { meter, amount, what } = usage
    const unitUsd = usage.unitUsd ?? METERS[meter].usd
    const given = Math.min(free.get(meter) ?? 0, amount)
    free.set(meter, (free.get(meter) ?? 0) - given)
    return { meter, what, amount, listUsd: amount * unitUsd, usd: (amount - given) * unitUsd }
  })
  const sum = (of: (line: CostLine) => number) => lines.reduce((total, line) => total + of(line), 0)
  return {
    lines: lines.toSorted((one, other) => other.usd - one.usd || other.listUsd - one.listUsd),
    listUsd: sum((line) => line.listUsd),
    usd: sum((line) => line.usd),
  }
}

function merge(usages: readonly Usage[]): Usage[] {
  const merged = new Map<string, Usage>()
  for (const usage of usages) {
    const key = `${usage.meter} ${usage.what} ${usage.unitUsd ?? ''}`
    const before = merged.get(key)
    merged.set(key, { ...usage, amount: usage.amount + (before?.amount ?? 0) })
  }
  return [...merged.values()]
}
