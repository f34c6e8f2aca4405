import type { NewJob } from '../../lib/client/answers.ts'
import { sha256 } from './expected-answer.ts'
import { artifactSums, LOG_LINE_BYTES, makeCommands } from './job-commands.ts'
import type { Expected, JobPlan } from './job-plan.ts'
import { pickWeighted, type Random } from '../support/random.ts'

interface Made {
  readonly body: Omit<NewJob, 'taskType'>
  readonly expected: Expected
  readonly cancelAfterMs?: number
}

interface Kind {
  readonly name: string
  /** Percent of the jobs. */
  readonly weight: number
  readonly taskType: NewJob['taskType']
  readonly make: (random: Random, n: number) => Made
}

const SUCCESS: Expected = { ends: ['succeeded completed'] }
const CANCELED: Expected = { ends: ['canceled canceled-by-user'] }
const FLOOD = 'command, flood of log'
/** More than the 32 MiB that a worker holds back. */
const FLOOD_LINES = 450_000
const VANISH_SHARE = 0.04
const REPEAT_SHARE = 0.06
/** A hanging model server holds a query for this long. */
const QUERY_SECONDS = 8

interface MixOptions {
  readonly effectsFile: string
  /** Whether somebody gives floods of log their word (inject/flood-log.ts). */
  readonly hasFloods: boolean
}

/** Plans the jobs of a campaign, one after the other: first one of each kind, then by weight. */
export function makeJobMix(random: Random, options: MixOptions): (n: number) => JobPlan {
  const commands = makeCommandKinds(options.effectsFile)
  const kinds = [...QUERIES, ...commands].filter(({ name }) => options.hasFloods || name !== FLOOD)
  return (n) => {
    const kind = kinds[n] ?? pickWeighted(random, kinds)
    const { body, ...rest } = kind.make(random, n)
    const draw = random.next()
    const client = draw < VANISH_SHARE ? 'vanish' : 'plain'
    return {
      n,
      kind: kind.name,
      client: draw > 1 - REPEAT_SHARE ? 'repeat' : client,
      body: { taskType: kind.taskType, tags: { n: String(n) }, ...body },
      ...rest,
    }
  }
}

interface Ask {
  readonly ms: number
  readonly bytes: number
  readonly status?: number
  readonly paddingBytes?: number
}

function query(n: number, { ms, bytes, status = 200, paddingBytes = 0 }: Ask): Made {
  const isFailure = status !== 200
  return {
    body: {
      input: { n, ms, bytes, status, padding: 'p'.repeat(paddingBytes) },
      limits: { runSeconds: QUERY_SECONDS },
      retry: { maxRetries: isFailure ? 1 : 6, backoffSeconds: 0.3 },
    },
    expected: {
      ends: [isFailure ? 'failed model-status' : 'succeeded completed'],
      answer: { n, bytes },
    },
  }
}

const QUERIES: readonly Kind[] = [
  {
    name: 'query, quick',
    weight: 46,
    taskType: 'query',
    make: (random, n) => query(n, { ms: random.int(0, 50), bytes: random.int(1, 500) }),
  },
  {
    name: 'query, slow',
    weight: 8,
    taskType: 'query',
    make: (random, n) => query(n, { ms: random.int(500, 3000), bytes: 64 }),
  },
  {
    name: 'query, big',
    weight: 5,
    taskType: 'query',
    make: (random, n) =>
      query(n, { ms: 5, bytes: random.int(80_000, 400_000), paddingBytes: 150_000 }),
  },
  {
    name: 'query, failing',
    weight: 6,
    taskType: 'query',
    make: (random, n) => query(n, { ms: 5, bytes: 40, status: random.pick([422, 500]) }),
  },
]

function makeCommandKinds(effectsFile: string): Kind[] {
  const commands = makeCommands(effectsFile)
  const kind = (name: string, weight: number, make: Kind['make']): Kind => {
    return { name: `command, ${name}`, weight, taskType: 'command', make }
  }
  return [
    kind('instant', 12, () => ({ body: { command: commands.instant() }, expected: SUCCESS })),
    kind('seconds', 6, (random) => ({
      body: { command: commands.seconds(random.int(4, 24)), retry: randomLosses(random) },
      expected: SUCCESS,
    })),
    kind('failing', 3, (random) => makeFailing(commands, random.int(1, 100))),
    kind('retried', 2, () => ({
      body: { command: commands.retried(), retry: { maxRetries: 5, backoffSeconds: 0.2 } },
      expected: SUCCESS,
    })),
    kind('timed out', 1.5, () => ({
      body: { command: commands.endless(), limits: { runSeconds: 1.5, graceSeconds: 1 } },
      expected: { ends: ['failed timed-out'] },
    })),
    kind('canceled', 2, (random) => ({
      body: { command: commands.endless(), limits: { graceSeconds: 1 } },
      expected: CANCELED,
      cancelAfterMs: random.int(0, 4000),
    })),
    kind('stubborn, canceled', 1, (random) => ({
      body: { command: commands.stubborn(), limits: { graceSeconds: 0.5 } },
      expected: CANCELED,
      cancelAfterMs: random.int(500, 4000),
    })),
    kind('forking', 1.5, () => ({ body: { command: commands.forking() }, expected: SUCCESS })),
    kind('artifacts', 3, (random) => makeArtifacts(commands, random)),
    kind('log', 1.5, (random) => {
      const lines = random.int(2000, 20_000)
      return makeLog({ command: commands.log(lines), logToQueue: lines % 2 === 0 }, lines)
    }),
    kind('flood of log', 0.08, () =>
      makeLog({ command: commands.flood(FLOOD_LINES) }, FLOOD_LINES),
    ),
    kind('checkpoints', 2, (random) => makeCheckpoints(commands, random.int(8, 40))),
  ]
}

type Commands = ReturnType<typeof makeCommands>

/** Most jobs outlive any number of lost workers; some are given up after the first. */
function randomLosses(random: Random): NonNullable<NewJob['retry']> {
  return random.chance(0.2) ? { maxLosses: random.int(0, 1) } : {}
}

function makeFailing(commands: Commands, exitCode: number): Made {
  return {
    body: { command: commands.failing(exitCode) },
    expected: { ends: ['failed exit-code'], exitCode },
  }
}

function makeArtifacts(commands: Commands, random: Random): Made {
  const [files, bytes] = [random.int(1, 5), random.int(0, 200_000)]
  return {
    body: {
      command: commands.artifacts(files, bytes),
      retry: { maxRetries: 5, backoffSeconds: 1 },
    },
    expected: { ...SUCCESS, artifacts: artifactSums(files, bytes) },
  }
}

function makeLog(body: Made['body'], lines: number): Made {
  return { body, expected: { ...SUCCESS, log: { lines, lineBytes: LOG_LINE_BYTES } } }
}

function makeCheckpoints(commands: Commands, steps: number): Made {
  return {
    body: {
      command: commands.checkpoints(steps),
      checkpointSeconds: 1,
      retry: { maxRetries: 5, backoffSeconds: 1 },
    },
    expected: { ...SUCCESS, artifacts: { state: sha256(`${steps}\n`) } },
  }
}
