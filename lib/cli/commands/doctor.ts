import { formatDetails } from '../../registry/errors.ts'
import type { Client } from '../../client/client.ts'
import { ApiError } from '../../client/api-error.ts'
import { type CliCommand, type CommandCall, makeCommand } from '../command.ts'
import { fixOf } from '../show-error.ts'
import type { Finding } from '../diagnose.ts'
import { EXIT } from '../io.ts'

export const doctorCommand: CliCommand = (line) =>
  makeCommand({
    name: 'doctor',
    summary: 'Check address, token, queue, scaler and workers, and say what to do.',
    description:
      'Checks one after the other: does the address answer, is the token accepted, does the scaler look, do jobs wait for long, do workers start, fail or fall silent. Exits with 1 when something is wrong.',
    examples: [
      { line: 'scalable-job doctor', what: 'The first thing to do when jobs do not run.' },
    ],
  }).action((_options, command) =>
    line.run(command, async (call) => {
      const client = call.connect()
      const findings = [...checkTransport(client), ...(await examine(client))]
      const text = () => findings.map((finding) => toLines(call, finding)).join('')
      call.show({ address: client.url, findings }, text)
      return findings.some(({ level }) => level === 'bad') ? EXIT.failed : EXIT.ok
    }),
  )

function checkTransport({ url }: Client): Finding[] {
  if (!url.startsWith('http:') || isLoopback(url)) return []
  const what = `${url} is not encrypted: the token can be read on the way`
  return [{ level: 'warning', what, fix: 'use an https:// address' }]
}

/** Whether an address leads to this very machine. */
function isLoopback(address: string): boolean {
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** Each step needs the one before it. */
async function examine(client: Client): Promise<Finding[]> {
  try {
    const { service, version } = await client.health()
    const found: Finding = {
      level: 'good',
      what: `${client.url} answers: ${service}, Scalable Job ${version}`,
    }
    return [found, ...(await examineService(client))]
  } catch (error) {
    return [toFinding(error)]
  }
}

async function examineService(client: Client): Promise<Finding[]> {
  try {
    const view = await client.service()
    const { diagnose } = await import('../diagnose.ts')
    return [{ level: 'good', what: 'the token is accepted' }, ...diagnose(view, Date.now())]
  } catch (error) {
    return [toFinding(error)]
  }
}

function toFinding(error: unknown): Finding {
  if (!(error instanceof ApiError)) throw error
  const details = error.details.length === 0 ? '' : `\n${formatDetails(error.details)}`
  return { level: 'bad', what: `${error.message}${details}`, fix: fixOf(error) }
}

const MARKS = {
  good: ['green', 'ok  '],
  warning: ['yellow', 'warn'],
  bad: ['red', 'bad '],
} as const

function toLines({ paint }: CommandCall, { level, what, fix }: Finding): string {
  const [style, mark] = MARKS[level]
  const help = fix === undefined ? '' : `     ${paint('bold', 'fix:')} ${fix}\n`
  return `${paint(style, mark)} ${what}\n${help}`
}
