import { Arena } from './arena.ts'
import { awaitEnds } from './await-ends.ts'
import { driveJobs } from './drive-jobs.ts'
import { FAULTS, SORTS } from './fault-schedule.ts'
import { injectFaults } from './inject-faults.ts'
import { makeJobMix } from './job-mix.ts'
import { KnownJobs } from './known-jobs.ts'
import type { FaultsOptions } from './options.ts'
import { holdPostMortem } from './post-mortem/post-mortem.ts'
import { makeRandom } from '../support/random.ts'
import { makeReport, type Report } from './report.ts'
import { TIMING } from './timing.ts'
import { readOutput } from './watch/read-output.ts'
import { sampleProcesses } from './watch/process-sample.ts'
import { readWorkerRecords } from './watch/worker-records.ts'

/** Jobs, and the minutes over which they come. */
const FORMS = {
  long: { jobs: 10_000, minutes: 22 },
  short: { jobs: 600, minutes: 1.8 },
} as const
const FAULT_PAUSE_MS = { long: 5000, short: 2500 } as const
/** What was left undone is done again after half a minute, an end is told again after one. */
const END_MS = { long: 15 * 60_000, short: 150_000 } as const

/** The embedded service with real processes, broken in every way while it works. */
export async function runEmbeddedCampaign(
  options: FaultsOptions,
  say: (line: string) => void,
): Promise<Report> {
  const startedMs = Date.now()
  const arena = await Arena.open(TIMING[options.form])
  say(`embedded: ${arena.folder}, the service in ${arena.service.folder}`)
  const jobs = new KnownJobs()
  try {
    await run({ arena, jobs, options, say })
    const report = makeReport(arena, {
      title: 'One machine, real processes',
      about: ABOUT,
      only: 'embedded',
      options,
      size: sizeOf(options),
      wholeJobs: FORMS.long.jobs,
      startedMs,
      callSeconds: 0,
      sorts: SORTS,
      remarks: [describeTiming(arena), describeFleet(arena)],
    })
    const failed = report.verdicts.some(({ passed }) => !passed)
    await arena.close({ keep: options.keep || failed })
    return report
  } catch (error) {
    await arena.close({ keep: true })
    throw error
  }
}

interface Run {
  readonly arena: Arena
  readonly jobs: KnownJobs
  readonly options: FaultsOptions
  readonly say: (line: string) => void
}

async function run({ arena, jobs, options, say }: Run): Promise<void> {
  const random = makeRandom(options.seed)
  const [faulting, watching] = [new AbortController(), new AbortController()]
  const faults = injectFaults(
    arena,
    { faults: FAULTS, random: random.fork('faults'), pauseMs: FAULT_PAUSE_MS[options.form] },
    faulting.signal,
  )
  const reading = readOutput({ arena, jobs, random: random.fork('output') }, watching.signal)
  const sampling = sampleProcesses(arena, jobs, watching.signal)
  await driveJobs(
    { arena, jobs, random: random.fork('clients') },
    {
      ...sizeOf(options),
      plan: makeJobMix(random.fork('jobs'), { effectsFile: arena.effectsFile, hasFloods: true }),
    },
  )
  say(`embedded: all jobs are in, ${jobs.open} have not ended; the last faults end`)
  faulting.abort()
  await faults
  await awaitEnds(arena, jobs, END_MS[options.form])
  watching.abort()
  await Promise.all([reading, sampling])
  say('embedded: at rest; comparing')
  await holdPostMortem(arena, jobs)
}

function sizeOf({ form, jobs, minutes }: FaultsOptions): { count: number; minutes: number } {
  return { count: jobs ?? FORMS[form].jobs, minutes: minutes ?? FORMS[form].minutes }
}

const ABOUT =
  'The service as `npm start` runs it, in a process and a state folder of its own, with one to four worker processes; queries and commands, two slots for commands and four for queries in each worker.'

function describeTiming({ timing }: Arena): string {
  const { beat_seconds: beat, lease_seconds: lease, look_seconds: look } = timing
  return `It ran with beats of ${beat} s, leases of ${lease.command} s for commands and ${lease.query} s for queries, and a look of the scaler each ${look} s.`
}

function describeFleet({ workersFile, ledger }: Arena): string {
  const records = readWorkerRecords(workersFile)
  const started = records.filter(({ what }) => what === 'start').length
  const told = records.filter((record) => record.what === 'signal' && record.signal === 'SIGTERM')
  const stopped = new Set(told.map(({ taskId }) => taskId)).size
  const rolls = ledger.events.filter((event) => {
    return event.what === 'fault' && event.kind === 'new worker version'
  }).length
  return `${started} workers were started and ${stopped} told to go, by the scaler or with the service; ${rolls} new worker versions came.`
}
