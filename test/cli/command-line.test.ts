import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../lib/cli/commands.ts'
import { commandsPage } from '../../lib/cli/commands-page.ts'
import { API_VERSION } from '../../lib/registry/package-files.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'
import { COMMAND_NAMES, runLine } from './run-line.ts'

let api: LiveApi
beforeAll(async () => {
  api = await aLiveApi()
})
afterAll(() => api.close())

describe('help', () => {
  test('lists every command and exits with 0', async () => {
    const { code, stdout } = await runLine(api, ['--help'])
    expect(code).toBe(0)
    for (const name of COMMAND_NAMES) expect(stdout).toMatch(new RegExp(`^ {2}${name} .*\\w`, 'm'))
    expect(stdout).toContain('SCALABLE_JOB_API_URL')
  })

  test.each(COMMAND_NAMES)('%s --help shows usage and options', async (name) => {
    const { code, stdout, stderr } = await runLine(api, [name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: scalable-job ${name}`)
    expect(await runLine(api, ['help', name])).toEqual({ code, stdout, stderr })
  })

  test('nothing typed shows the commands on stderr and exits with 2', async () => {
    const { code, stdout, stderr } = await runLine(api, [])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Commands:')
  })

  test.each(COMMAND_NAMES)('the reference page shows the help of %s', async (name) => {
    const { stdout } = await runLine(api, [name, '--help'])
    const page = commandsPage(COMMANDS)
    expect(page).toContain(`\n## ${name}\n`)
    expect(page).toContain(stdout.trim())
  })
})

test.each([['--version'], ['-v'], ['version'], ['list', '--version']])(
  '%s shows the version',
  async (...words) => {
    const line = { code: 0, stdout: `scalable-job ${API_VERSION}\n`, stderr: '' }
    expect(await runLine(api, words)).toEqual(line)
  },
)

describe('a line that cannot be understood exits with 2 and says what was meant', () => {
  test.each([
    [['lst'], "unknown command 'lst'", 'did you mean list?'],
    [['sumbit'], "unknown command 'sumbit'", 'did you mean submit?'],
    [['zzzzzz'], "unknown command 'zzzzzz'", 'commands: submit,'],
    [['--jsno', 'list'], "unknown option '--jsno'", 'did you mean --json?'],
    [['list', '--statsu', 'failed'], "unknown option '--statsu'", 'did you mean --status?'],
    [['submit', '--priority', 'high'], "unknown option '--priority'", 'submit --help shows what'],
    [['list', '--__proto__', 'x'], "unknown option '--__proto__'", 'list --help shows what'],
    [['list', '--status'], "option '--status <STATUS>' argument missing", 'list --help'],
    [['list', '--status', '--json'], "option '--status <STATUS>' argument missing", ''],
    [['list', '--json=yes'], "unknown option '--json=yes'", 'list --help'],
    [
      ['list', '--status', 'done'],
      "option '--status <STATUS>' argument 'done' is invalid",
      'queued, running',
    ],
    [
      ['list', '--limit', '1e3'],
      "option '-n, --limit <COUNT>' argument '1e3' is invalid",
      'a whole number from 1 to 100',
    ],
    [
      ['list', '--limit', '-5'],
      "option '-n, --limit <COUNT>' argument '-5' is invalid",
      'from 1 to 100',
    ],
    [
      ['list', '--limit', '101'],
      "option '-n, --limit <COUNT>' argument '101' is invalid",
      'from 1 to 100',
    ],
    [
      ['list', '--limit', '0'],
      "option '-n, --limit <COUNT>' argument '0' is invalid",
      'from 1 to 100',
    ],
    [['list', '--tag', 'x'], "option '--tag <NAME=VALUE>' argument 'x' is invalid", 'NAME=VALUE'],
    [['list', '--tag', '=x'], "option '--tag <NAME=VALUE>' argument '=x' is invalid", 'NAME=VALUE'],
    [['list', 'words'], "too many arguments for 'list'", 'list --help'],
    [['list', '--', 'words'], 'list takes no words after --', 'list --help'],
    [['status'], "missing required argument 'id'", 'status --help'],
    [['status', '12'], '12 is not a job id', '19 digits'],
    [['submit'], 'the command is missing', '--command TEXT'],
    [['submit', 'ls'], "too many arguments for 'submit'", 'submit --help'],
    [['submit', '-c', 'a', '--', 'b'], '--command and words after -- exclude each other', ''],
    [['submit', '-c', 'a', '--input', '-'], 'a command job takes no --input', ''],
    [
      ['submit', '--type', 'train'],
      "option '--type <TYPE>' argument 'train' is invalid",
      'command, query',
    ],
    [['submit', '--type', 'query', '--', 'ls'], 'a query takes no command', '--input'],
    [['submit', '--type', 'query', '-c', 'ls'], 'a query takes no command', '--input'],
    [
      ['submit', '--env', 'novalue', '-c', 'ls'],
      "option '-e, --env <NAME=VALUE>' argument 'novalue' is invalid",
      'NAME=VALUE',
    ],
    [['submit', '--type', 'query', '--input', 'absent.json'], 'the input cannot be read', 'absent'],
    [['submit', '--type', 'query', '--input', '-'], 'there is no standard input to read', ''],
  ])('%j', async (words, problem, hint) => {
    const { code, stdout, stderr } = await runLine(api, words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`error: ${problem}`)
    expect(stderr).toContain(hint)
  })
})

describe('which service is meant', () => {
  test('the one that runs in the current folder, without any setting', async () => {
    await mkdir(join(api.folder, '.scalable-job'), { recursive: true })
    const file = join(api.folder, '.scalable-job/address.json')
    await writeFile(file, JSON.stringify({ url: api.url, token: TOKEN }))
    expect(await runLine(api, ['list'], { env: {} })).toMatchObject({ code: 0 })
  })

  test('flags come before the environment', async () => {
    const env = { SCALABLE_JOB_API_URL: 'http://127.0.0.1:9', SCALABLE_JOB_TOKEN: 'wrong' }
    const words = ['--url', api.url, '--token', TOKEN, 'list']
    expect(await runLine(api, words, { env })).toMatchObject({ code: 0 })
  })

  test('the token beside a local address goes to no other address', async () => {
    const seen: (string | null)[] = []
    api.disturb((request) => {
      seen.push(request.headers.get('authorization'))
      return Response.json({ jobs: [] })
    })
    await runLine(api, ['list', '--url', api.url], { env: {} })
    api.recover()
    expect(seen).toEqual([null])
  })

  test('nothing is named and nothing runs: says how to name or start one', async () => {
    const { code, stderr } = await runLine(api, ['list'], { env: {}, cwd: '/nowhere' })
    expect(code).toBe(2)
    expect(stderr).toContain('scalable-job start')
    expect(stderr).toContain('SCALABLE_JOB_API_URL')
  })
})

describe('an error of the API', () => {
  test('is shown with its fix, and exits with 1', async () => {
    const { code, stdout, stderr } = await runLine(api, ['list', '--token', 'wrong'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('error: the token is not known')
    expect(stderr).toContain('fix: give --token or SCALABLE_JOB_TOKEN')
    expect(stderr).toContain('request id: ')
  })

  test.each([
    [['status', '3711718195200000001'], 'scalable-job list shows the jobs'],
    [['submit', '-c', 'ls', '--tag', '_x=1'], 'scalable-job <command> --help'],
  ])('%j is fixed on the command line, not over HTTP', async (words, fix) => {
    const { code, stderr } = await runLine(api, words)
    expect(code).toBe(1)
    expect(stderr).toContain(fix)
    expect(stderr).not.toMatch(/fix:.*(?:GET|POST) \//)
  })

  test('names every mistake with its place', async () => {
    const words = ['submit', '-c', 'ls', '--tag', '_x=1', '--env', 'SCALABLE_JOB_ID=1']
    const { code, stderr } = await runLine(api, words)
    expect(code).toBe(1)
    expect(stderr).toContain('body.tags')
    expect(stderr).toContain('body.env')
  })

  test('an address where nobody listens is named', async () => {
    const { code, stderr } = await runLine(api, ['status', '3711718195200000001'], {
      env: { SCALABLE_JOB_API_URL: 'http://127.0.0.1:9' },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('http://127.0.0.1:9 cannot be reached: ')
    expect(stderr).toContain('scalable-job doctor')
  })
})

describe('colours', () => {
  const stderr = (isTTY: boolean) => {
    const parts: string[] = []
    return { write: (text: string | Uint8Array) => parts.push(String(text)), isTTY, parts }
  }

  test('only on a terminal, and not with NO_COLOR', async () => {
    const shown = async (isTTY: boolean, env: Record<string, string>) => {
      const output = stderr(isTTY)
      await runLine(api, ['lst'], { stderr: output, env })
      return output.parts.join('')
    }
    expect(await shown(true, {})).toContain('\u001b[31m')
    expect(await shown(true, { NO_COLOR: '1' })).not.toContain('\u001b')
    expect(await shown(false, {})).not.toContain('\u001b')
  })
})
