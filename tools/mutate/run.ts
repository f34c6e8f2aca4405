/**
 * `npm run mutate`: puts faults into the code and counts how many the tests see.
 *
 * - `npm run mutate -- --pure lib/job` puts every fault that Stryker knows into a pure room.
 * - `npm run mutate -- --seed 42 --count 150` draws places from all rooms and tries the nearest tests.
 *   `--areas job,api`, `--parallel 2`, `--out FOLDER`, `--dry`. A run that was stopped goes on where
 *   it was.
 *
 * Both run in PID namespaces of their own, or not at all.
 */
import { resolve } from 'node:path'
import { readOptions } from './options.ts'
import { runInNamespace } from './pid-namespace.ts'
import { runSample } from './sample.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const STRYKER_MS = 7_200_000

// Their handlers of `exit` end what runs and remove the copies of the tree.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const options = readOptions(process.argv.slice(2))
if (options.pure.length === 0) await runSample(ROOT, options, say)
else await runStryker(options.pure)

async function runStryker(rooms: readonly string[]): Promise<void> {
  const mutate = rooms.map((room) => (room.endsWith('.ts') ? room : `${room}/**/*.ts`)).join(',')
  const stryker = ['node_modules/.bin/stryker', 'run', 'tools/mutate/stryker.config.json']
  const { code, output } = await runInNamespace([...stryker, '--mutate', mutate], {
    cwd: ROOT,
    timeoutMs: STRYKER_MS,
  })
  say(output)
  process.exitCode = code ?? 1
}
