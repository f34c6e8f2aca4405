import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatDetails, ServiceError } from '../../../lib/registry/errors.ts'
import {
  readService,
  readWorkerService,
  serialiseForFunctions,
  serialiseForWorkers,
} from '../../../lib/service/serialised-service.ts'
import { parseServiceText } from '../../../lib/service/parse-service-text.ts'
import { versionOf } from '../../../lib/service/worker-service.ts'
import type { Service } from '../../../lib/service/service.ts'
import { runCli } from '../../../lib/cli/run-cli.ts'
import { startCommand } from '../../../lib/local/commands/start.ts'
import { mutateJson, mutations } from './mutate-json.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const EXAMPLES_DIR = resolve(import.meta.dirname, '../../../examples')
const EXAMPLES = readdirSync(EXAMPLES_DIR).map((name): [string, unknown] => {
  const text = readFileSync(join(EXAMPLES_DIR, name, 'service.json'), 'utf8')
  return [name, JSON.parse(text)]
})
const FILE = 'service.json'
/** Regular expressions, and how the schema library puts things. */
const LIBRARY_WORDS =
  /\^|\[a-z|\$\/|\(\?|\\[dwsx]|expected|received|invalid|undefined|\bint\b|\bstring\b/i

/** The service, or what is wrong with it; anything else that is thrown is a crash. */
function read(text: string): Service | ServiceError {
  try {
    return parseServiceText(text, FILE)
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}

function expectClear(error: ServiceError): void {
  expect(error.code).toBe('invalid-service-config')
  expect(error.details.length).toBeGreaterThan(0)
  for (const { path, problem, allowed = '' } of error.details) {
    expect(path).not.toBe('')
    expect(problem).not.toBe('')
    expect(`${problem}; ${allowed}`).not.toMatch(LIBRARY_WORDS)
  }
  expect(formatDetails(error.details).length).toBeLessThan(60_000)
}

/** Of a service that is taken: it is whole, goes to functions and workers, and arrives the same. */
function expectSound(service: Service, text: string): void {
  const again = parseServiceText(text, FILE)
  expect(again).toEqual(service)
  expect(Object.isFrozen(service)).toBe(true)
  const { token: _, registryAuth: _auth, frontEnd: _front, container, ...rest } = service
  const inFunction = readService(serialiseForFunctions(service), FILE)
  expect(inFunction).toEqual({ ...rest, container: { ...container, env: {} } })
  const inWorker = readWorkerService(serialiseForWorkers(service), FILE)
  expect(service).toMatchObject(inWorker)
  expect(versionOf(inWorker)).toBe(service.version)
  expect(service.scaling.min).toBeLessThanOrEqual(service.scaling.max)
  expect(JSON.stringify(service)).not.toMatch(/:null|NaN|Infinity/)
}

describe.each(EXAMPLES)('the service.json of %s', (_, json) => {
  test('with changes of chance is taken whole or refused with every mistake named', () => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const text = mutateJson(json, changes)
        const outcome = read(text)
        if (outcome instanceof ServiceError) expectClear(outcome)
        else expectSound(outcome, text)
      }),
      propertyRuns(250),
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

const [, DIGITS] = EXAMPLES.find(([name]) => name === 'digits') ?? ['', {}]
const inPlace = (value: string) => `{"metadata":${value},"containers":[{"image":"x"}]}`

const HUGE: [string, string][] = [
  ['10 MB of a text', inPlace(JSON.stringify({ name: 'x'.repeat(10_000_000) }))],
  ['10 MB of spaces', `${' '.repeat(10_000_000)}${JSON.stringify(DIGITS)}`],
  ['a million lists', '['.repeat(1_000_000)],
  ['half a million lists that close', '['.repeat(500_000) + ']'.repeat(500_000)],
  [
    'a hundred thousand objects in each other',
    inPlace('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)),
  ],
  [
    'a deep value of a key that is ignored',
    inPlace(`{"name":"x","rpc":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
  ],
  [
    'a hundred thousand keys',
    inPlace(`{${Array.from({ length: 60_000 }, (_, at) => `"k${at}":1`).join()}}`),
  ],
  [
    'a hundred thousand mistakes',
    `{"metadata":{"name":"x"},"containers":[${'1,'.repeat(100_000)}1]}`,
  ],
  ['backslashes', `"${'\\'.repeat(500_001)}`],
  ['a byte order mark twice', `\ufeff\ufeff${JSON.stringify(DIGITS)}`],
  ['a NUL', `${JSON.stringify(DIGITS)}\u0000`],
  ['UTF-16', Buffer.from(JSON.stringify(DIGITS), 'utf16le').toString('latin1')],
  ['controls of a terminal', inPlace(JSON.stringify({ name: '\u009b2J\u001b[2J' }))],
  ['nothing', ''],
  ['a number', '1e999'],
  ['a prototype', '{"__proto__":{"metadata":{"name":"x"}},"containers":[{"image":"x"}]}'],
]

describe('a file that is no service.json', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scalable-job-fuzzed-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(HUGE)('%s: refused in words, here and on the command line', async (_, text) => {
    const outcome = read(text)
    expect(outcome).toBeInstanceOf(ServiceError)
    expectClear(outcome as ServiceError)
    writeFileSync(join(folder, FILE), text)
    await expectRefusedByStart()
  })

  test('a folder, a loop, a file that is not there, a name with an escape sequence', async () => {
    for (const name of [
      '.',
      'absent.json',
      '\u001b[2Jabsent.json',
      'a\0b.json',
      'x'.repeat(5_000),
    ]) {
      await expectRefusedByStart(name)
    }
  })

  test('any changed example that is wrong is refused on the command line without a stack', async () => {
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const text = mutateJson(DIGITS, changes)
        if (!(read(text) instanceof ServiceError)) return
        writeFileSync(join(folder, FILE), text)
        await expectRefusedByStart()
      }),
      propertyRuns(100),
    )
  })

  async function expectRefusedByStart(name = FILE): Promise<void> {
    let said = ''
    const out = {
      write: (part: string | Uint8Array) => (said += Buffer.from(part).toString('utf8')),
    }
    const words = ['start', name, '--port', '0', '--state', 'state']
    const io = {
      stdout: out,
      stderr: out,
      env: {},
      cwd: folder,
      onInterrupt: () => () => undefined,
    }
    const code = await runCli(words, io, [startCommand])
    expect(code).toBeGreaterThan(0)
    expect(said).toMatch(/^error: /)
    expect(said).not.toMatch(/\n\s+at .*:\d+:\d+/)
    expect(said.length).toBeLessThan(100_000)
    // eslint-disable-next-line no-control-regex -- control characters are what it looks for
    expect(said.replaceAll('\n', '')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  }
})
