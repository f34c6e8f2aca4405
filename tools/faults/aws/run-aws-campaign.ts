import { CALL_LIMITS } from '../../../lib/adapters/aws/aws-settings.ts'
import { hasEmulators } from '../../../test/adapters/aws/emulator.ts'
import { awaitEnds } from '../await-ends.ts'
import { driveJobs } from '../drive-jobs.ts'
import { injectFaults } from '../inject-faults.ts'
import { makeJobMix } from '../job-mix.ts'
import { KnownJobs } from '../known-jobs.ts'
import { holdPostMortem } from '../post-mortem/post-mortem.ts'
import { makeRandom } from '../../support/random.ts'
import { makeReport, type Report } from '../report.ts'
import { TIMING } from '../timing.ts'
import { readOutput } from '../watch/read-output.ts'
import { sampleProcesses } from '../watch/process-sample.ts'
import { BLOWS, SORTS } from './aws-fault-schedule.ts'
import { AwsStage } from './aws-stage.ts'

export interface AwsCampaignOptions {
  readonly seed: number
  readonly form: 'short' | 'long'
  readonly say: (line: string) => void
  /** Default: 80 in the short form, 800 in the long one. */
  readonly jobs?: number | undefined
  /** The submits are spread over this time. Default: 1.2 in the short form, 8 in the long one. */
  readonly minutes?: number | undefined
  /** Whether the folder stays, whatever the verdict. */
  readonly keep?: boolean
}

interface Form {
  readonly jobs: number
  readonly minutes: number
  readonly blowPauseMs: number
  /** For what must end by itself once nothing is broken any more. */
  readonly endMs: number
  /** A worker asks for 60 s. */
  readonly visibilitySeconds: number
}

const FORMS: Readonly<Record<AwsCampaignOptions['form'], Form>> = {
  short: { jobs: 80, minutes: 1.2, blowPauseMs: 5000, endMs: 90_000, visibilitySeconds: 8 },
  long: { jobs: 800, minutes: 8, blowPauseMs: 4000, endMs: 900_000, visibilitySeconds: 60 },
}

/** The service over the AWS adapters, with a proxy in front of emulators that breaks every call. */
export async function runAwsCampaign(options: AwsCampaignOptions): Promise<Report> {
  const { form, seed, say, keep = false } = options
  if (!hasEmulators) throw new Error('the AWS emulators are not there: npm run setup:emulators')
  const startedMs = Date.now()
  const stage = await AwsStage.open({ ...FORMS[form], seed, timing: TIMING[form] })
  say(`aws: ${stage.folder}`)
  try {
    await run(stage, options)
    const report = makeReport(stage, {
      title: 'AWS adapters, real processes',
      about: ABOUT,
      only: 'aws',
      options,
      size: sizeOf(options),
      wholeJobs: FORMS.long.jobs,
      startedMs,
      callSeconds: CALL_LIMITS.fleet.callMs / 1000,
      sorts: SORTS,
      versions: { MiniStack: '1.4.21' },
      remarks: [describeTiming(stage, FORMS[form])],
    })
    const failed = report.verdicts.some(({ passed }) => !passed)
    await stage.close({ keep: keep || failed })
    return report
  } catch (error) {
    await stage.close({ keep: true })
    throw error
  }
}

async function run(stage: AwsStage, options: AwsCampaignOptions): Promise<void> {
  const { form, seed, say } = options
  const { endMs, blowPauseMs } = FORMS[form]
  const random = makeRandom(seed)
  const jobs = new KnownJobs()
  const deps = { arena: stage, jobs }
  const [striking, watching] = [new AbortController(), new AbortController()]
  // A store that fails at the wrong moment is a fault of the worker, of the campaign's making.
  const endStorm = stage.beginOutage('faulty')
  const blows = { faults: BLOWS, random: random.fork('blows'), pauseMs: blowPauseMs }
  const struck = injectFaults(stage, blows, striking.signal)
  const reading = readOutput({ ...deps, random: random.fork('output') }, watching.signal)
  const sampling = sampleProcesses(stage, jobs, watching.signal)
  await driveJobs(
    { ...deps, random: random.fork('clients') },
    {
      ...sizeOf(options),
      plan: makeJobMix(random.fork('jobs'), { effectsFile: stage.effectsFile, hasFloods: false }),
    },
  )
  say(`aws: all jobs are in, ${jobs.open} have not ended; the faults end`)
  striking.abort()
  stage.plan.calm()
  await struck
  await awaitEnds(stage, jobs, endMs)
  endStorm()
  watching.abort()
  await Promise.all([reading, sampling])
  say('aws: at rest; comparing')
  await holdPostMortem(stage, jobs)
}

function sizeOf({ form, jobs, minutes }: AwsCampaignOptions): { count: number; minutes: number } {
  return { count: jobs ?? FORMS[form].jobs, minutes: minutes ?? FORMS[form].minutes }
}

function describeTiming({ timing }: AwsStage, { visibilitySeconds }: Form): string {
  const { beat_seconds: beat, lease_seconds: lease, look_seconds: look } = timing
  return `It ran with beats of ${beat} s, leases of ${lease.command} s for commands and ${lease.query} s for queries, two overlapping scalers that look each ${look} s, and messages that hide for at most ${visibilitySeconds} s.`
}

const ABOUT =
  'API, scaler and one to four worker processes as they run on AWS, over the same adapters. DynamoDB, SQS and S3 are those of an emulator; ECS and its agent run real worker processes under the rules of scale-in protection. Between all of them stands a proxy that breaks calls in the ways of each service, and at times a whole service.'
