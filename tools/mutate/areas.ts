export interface Area {
  readonly name: string
  /** Files and folders, from the root of the repository. */
  readonly paths: readonly string[]
  /** How many places of 150 are drawn here. */
  readonly share: number
}

/** The rooms, each with its share of a sample. The first area that holds a file has it. */
export const AREAS: readonly Area[] = [
  { name: 'job', paths: ['lib/job/store'], share: 8 },
  { name: 'job life', paths: ['lib/job'], share: 12 },
  { name: 'scaling', paths: ['lib/scaling'], share: 13 },
  { name: 'service', paths: ['lib/service'], share: 9 },
  { name: 'api contract', paths: ['lib/api/contract', 'lib/parsing'], share: 9 },
  { name: 'api', paths: ['lib/api'], share: 12 },
  { name: 'reaper', paths: ['lib/scaler/reaper'], share: 8 },
  { name: 'scaler', paths: ['lib/scaler'], share: 9 },
  {
    name: 'worker loop and run',
    paths: ['worker/loop', 'worker/run', 'worker/row', 'worker/start', 'worker/main.ts'],
    share: 12,
  },
  { name: 'worker, the rest, and processes', paths: ['worker', 'lib/processes'], share: 14 },
  {
    name: 'stores on one machine',
    paths: ['lib/adapters/sqlite', 'lib/adapters/folder', 'lib/adapters/node'],
    share: 9,
  },
  { name: 'supervisor', paths: ['lib/adapters/child-processes'], share: 8 },
  { name: 'aws', paths: ['lib/adapters/aws'], share: 9 },
  { name: 'cdk', paths: ['lib/cdk'], share: 9 },
  { name: 'client and command line', paths: ['lib/client', 'lib/cli', 'lib/local'], share: 9 },
]

export function areaOf(file: string, areas: readonly Area[] = AREAS): Area | undefined {
  return areas.find(({ paths }) =>
    paths.some((path) => file === path || file.startsWith(`${path}/`)),
  )
}

/** How many places each area gets: their shares, scaled to `count` by largest remainder. */
export function countsFor(areas: readonly Area[], count: number): Map<string, number> {
  const whole = areas.reduce((sum, { share }) => sum + share, 0)
  const exact = areas.map(({ name, share }) => ({ name, exact: (share * count) / whole }))
  const counts = new Map(exact.map((each) => [each.name, Math.floor(each.exact)]))
  const given = [...counts.values()].reduce((sum, each) => sum + each, 0)
  const byRemainder = exact.toSorted((a, b) => (b.exact % 1) - (a.exact % 1))
  for (const { name } of byRemainder.slice(0, count - given)) {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
