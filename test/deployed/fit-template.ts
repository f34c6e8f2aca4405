import type { Resource, Template } from '../../tools/cost/template.ts'

interface Gap {
  readonly what: string
  /** What the emulator lacks. */
  readonly why: string
  readonly isIn: (resource: Resource) => boolean
  /** What stands in for it, under the same logical id: others refer to it. */
  readonly replace: (resource: Resource) => Resource
}

/** What of the template MiniStack 1.4 cannot create. Everything else is deployed as it stands. */
const GAPS: readonly Gap[] = [
  {
    what: 'an alarm over an expression becomes one over the first metric in it',
    why: 'metric math is refused: "use MetricName and Namespace"',
    isIn: ({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' && Properties?.['Metrics'] !== undefined,
    replace: watchFirstMetric,
  },
]

export interface FittedTemplate {
  readonly template: Template
  /** Logical ids of what was replaced, and how. */
  readonly replaced: Readonly<Record<string, string>>
}

/** The template with stand-ins for what the emulator cannot create. */
export function fitTemplate(template: Template): FittedTemplate {
  const replaced: Record<string, string> = {}
  const fitted = Object.entries(template.Resources).map(([id, resource]) => {
    const gap = GAPS.find(({ isIn }) => isIn(resource))
    if (gap === undefined) return [id, resource]
    replaced[id] = `${gap.what}: ${gap.why}`
    return [id, gap.replace(resource)]
  })
  return { template: { ...template, Resources: Object.fromEntries(fitted) }, replaced }
}

interface MetricQuery {
  readonly MetricStat?: {
    readonly Metric: Readonly<Record<string, unknown>>
    readonly Period: number
    readonly Stat: string
  }
}

function watchFirstMetric({ Type, Properties }: Resource): Resource {
  const { Metrics, ...rest } = { Metrics: [], ...Properties } as { Metrics: MetricQuery[] }
  const stat = Metrics.map(({ MetricStat }) => MetricStat).find((found) => found !== undefined)
  if (stat === undefined) throw new Error('an alarm over no metric')
  const { Metric, Period, Stat } = stat
  return { Type, Properties: { ...rest, ...Metric, Period, Statistic: Stat } }
}
