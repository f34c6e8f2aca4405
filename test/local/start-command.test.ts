import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../lib/client/connect.ts'
import { processesWith } from '../support/processes.ts'
import { storyService } from '../support/running-service.ts'
import { waitFor } from '../support/wait-for.ts'

const ENTRY = resolve(import.meta.dirname, '../../bin/scalable-job.ts')
const FULL_DISK = '/dev/full'

let folder: string
let child: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-command-'))
  writeFileSync(join(folder, 'service.json'), JSON.stringify(storyService()))
})
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const left = () => processesWith('SCALABLE_JOB_STATE_DIR', join(folder, '.scalable-job'))
  await waitFor('its workers to go', () => left().length === 0)
  rmSync(folder, { recursive: true, force: true })
})

function run(words: readonly string[], stdio: StdioOptions = 'pipe'): ChildProcess {
  child = spawn(process.execPath, [ENTRY, ...words], { cwd: folder, stdio })
  return child
}

const addressFile = () => join(folder, '.scalable-job/address.json')

async function connectWhenUp() {
  const { url, token } = await waitFor('the service to come up', () => {
    return JSON.parse(readFileSync(addressFile(), 'utf8')) as { url: string; token: string }
  })
  return connect({ url: url, token })
}

async function exitOf(running: ChildProcess): Promise<unknown[]> {
  return running.exitCode === null ? once(running, 'exit') : [running.exitCode, null]
}

describe('a running service', () => {
  test('drains on Ctrl-C although nobody reads what it says any more (| tee)', async () => {
    const running = run(['start', '--port', '0', '--log-level', 'debug'])
    const client = await connectWhenUp()
    const { id } = await client.submit({ taskType: 'command', command: 'sleep 1; echo done' })
    await waitFor('it to run', async () => (await client.get(id)).status === 'running')
    running.stdout?.destroy()
    running.stderr?.destroy()
    running.kill('SIGINT')
    expect(await exitOf(running)).toEqual([0, null])
    expect(existsSync(addressFile())).toBe(false)
    run(['start', '--port', '0'])
    const again = await connectWhenUp()
    expect(await again.get(id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })

  test.skipIf(!existsSync(FULL_DISK))('goes on when its log is on a full disk', async () => {
    const full = openSync(FULL_DISK, 'w')
    const running = run(['start', '--port', '0', '--log-level', 'debug'], ['ignore', full, full])
    const client = await connectWhenUp()
    const { id } = await client.submit({ taskType: 'command', command: 'echo done' })
    const { status } = await client.result(id, { waitSeconds: 20 })
    expect(status).toBe('succeeded')
    running.kill('SIGINT')
    expect(await exitOf(running)).toEqual([0, null])
  })

  test.each([
    ['command', {}],
    ['query', { containers: [{ image: 'model', port: 8000 }] }],
  ])('shows a job to paste that it takes: a %s', async (taskType, overrides) => {
    writeFileSync(join(folder, 'service.json'), JSON.stringify(storyService(overrides)))
    const running = run(['start', '--port', '0'])
    let output = ''
    running.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    const client = await connectWhenUp()
    const shown = await waitFor('the job to paste', () => / -d '(.*)'$/m.exec(output)?.[1])
    const job = await client.submit(JSON.parse(shown) as Parameters<typeof client.submit>[0])
    expect(job).toMatchObject({ taskType, status: 'queued' })
    running.kill('SIGINT')
    expect(await exitOf(running)).toEqual([0, null])
  })

  test('gives links for others under its public address, and answers on its own', async () => {
    const words = ['--host', '0.0.0.0', '--public-url', 'https://jobs.test/gpu/', '--port', '0']
    const running = run(['start', ...words])
    let output = ''
    running.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    const client = await connectWhenUp()
    expect(client.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const { uploadUrl } = await client.createUpload()
    expect(uploadUrl).toMatch(/^https:\/\/jobs\.test\/gpu\/files\/uploads\//)
    await waitFor('the welcome', () => output.includes('https://jobs.test/gpu/#token='))
  })

  test.each([['jobs.test'], ['ftp://jobs.test'], ['https://jobs.test/?a=b']])(
    'refuses the public address %s',
    async (url) => {
      const running = run(['start', '--public-url', url, '--port', '0'])
      expect(await exitOf(running)).toEqual([2, null])
    },
  )
})

describe('a start that fails on its disk', () => {
  test.each([
    ['at the record of the fleet', (pid = 0) => `supervisor/fleet.json.${pid}.new`],
    ['when all is up but for its address', () => 'address.json'],
  ])(
    '%s ends what it has started, lets go of the folder, and says why',
    async (_, pathFor) => {
      writeFileSync(
        join(folder, 'service.json'),
        JSON.stringify(storyService({ autoscaler: { min: 2, max: 2 } })),
      )
      // The fleet is asked for two workers, and both run again with the next start.
      run(['start', '--port', '0'])
      const client = await connectWhenUp()
      await waitFor('two workers', async () => (await client.service()).workers?.length === 2)
      child?.kill('SIGKILL')
      rmSync(addressFile())
      const running = run(['start', '--port', '0'])
      // It needs much longer than this to begin.
      const obstacle = join(folder, '.scalable-job', pathFor(running.pid))
      mkdirSync(join(obstacle, 'in-the-way'), { recursive: true })
      let said = ''
      running.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
      expect(await exitOf(running)).toEqual([1, null])
      expect(said).toContain('error: ')
      const stateDir = join(folder, '.scalable-job')
      expect(processesWith('SCALABLE_JOB_STATE_DIR', stateDir)).toEqual([])

      rmSync(obstacle, { recursive: true })
      run(['start', '--port', '0'])
      await connectWhenUp()
    },
    90_000,
  )
})

describe('a command', () => {
  test('whose reader has gone (| head) ends quietly', async () => {
    const running = run(['--help'])
    let said = ''
    running.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    running.stdout?.destroy()
    const [code] = await exitOf(running)
    expect({ code, said }).toEqual({ code: 0, said: '' })
  })

  test.skipIf(!existsSync(FULL_DISK))('whose output has no room says so and fails', async () => {
    const full = openSync(FULL_DISK, 'w')
    const running = run(['--help'], ['ignore', full, 'pipe'])
    let said = ''
    running.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    await once(running, 'close')
    expect(running.exitCode).toBe(1)
    expect(said).toMatch(/^error: the output cannot be written: .*no space left on device.*\n$/)
  })
})

describe('the demo', () => {
  test('ends at Ctrl-C with 130, and leaves nothing running', async () => {
    const running = run(['demo'])
    const said = { stdout: '', stderr: '' }
    running.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
    running.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
    await waitFor('a training to run', () => /25 %|started on worker/.test(said.stdout), 60_000)
    running.kill('SIGINT')
    await once(running, 'close')
    expect({ code: running.exitCode, stderr: said.stderr }).toEqual({
      code: 130,
      stderr: '\ninterrupted\n',
    })
    const [demo = ''] = readdirSync(join(folder, '.scalable-job'))
    const stateDir = join(folder, '.scalable-job', demo)
    expect(existsSync(join(stateDir, 'state.sqlite'))).toBe(true)
    expect(processesWith('SCALABLE_JOB_STATE_DIR', stateDir)).toEqual([])
  }, 90_000)
})
