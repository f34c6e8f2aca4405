import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitForEnd } from '../support/job-progress.ts'
import { RunningService, storyService } from '../support/running-service.ts'
import { waitFor } from '../support/wait-for.ts'

const SHIM = resolve(import.meta.dirname, '../../examples/kohya-integrated/accelerate')

/** What stands for Kohya's trainer in the worker: says what it was given, and trains for a while. */
const TRAINER = `#!/bin/sh
for each in "$@"; do echo "given $each"; done
[ "$1" = "for-ever" ] && sleep 600
exit 3
`

let folder = ''
let running: RunningService

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kohya-'))
  const trainer = join(folder, 'accelerate')
  writeFileSync(trainer, TRAINER)
  chmodSync(trainer, 0o755)
  const env = [{ name: 'PATH', value: `${folder}:${process.env['PATH'] ?? ''}` }]
  running = await RunningService.make(storyService({ containers: [{ image: 'any', env }] }))
})

afterAll(async () => {
  await running[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('a training started in the GUI runs on a worker, and its log and exit code come back', async () => {
  const shim = startShim(['launch', '--config_file', '/workspace/my set/a.toml'])
  const output = await text(shim.stdout!)
  expect(output.split('\n').slice(1, 4)).toEqual([
    'given launch',
    'given --config_file',
    'given /workspace/my set/a.toml',
  ])
  expect(await exitCodeOf(shim)).toBe(3)
})

test('the GUI’s Stop button, which kills, cancels the training', async () => {
  const shim = startShim(['for-ever'])
  let output = ''
  shim.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await waitFor('the training to run', () => output.includes('given for-ever'))
  const id = /job (\d+)/.exec(output)?.[1] ?? ''
  shim.kill('SIGKILL')
  expect(await waitForEnd(running.client, id)).toMatchObject({
    status: 'canceled',
    reason: 'canceled-by-user',
  })
})

function startShim(args: readonly string[]): ChildProcess {
  const address = JSON.parse(readFileSync(join(running.stateDir, 'address.json'), 'utf8')) as {
    url: string
    token: string
  }
  const env = {
    ...process.env,
    SCALABLE_JOB_API_URL: address.url,
    SCALABLE_JOB_TOKEN: address.token,
  }
  return spawn('python3', [SHIM, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  await waitFor('the shim to end', () => child.exitCode !== null)
  return child.exitCode
}
