import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENV } from '../../../lib/registry/env.ts'
import { RunningService, storyService } from '../../support/running-service.ts'
import { waitFor } from '../../support/wait-for.ts'

/** The three files that are there to hold them, readable by their owner alone. */
const KEEPERS = ['token', 'link-secret', 'address.json']
/** Everything that a job can look at without meaning to: its environment, and all that runs. */
const LOOKS_AROUND = `env; for p in self $PPID; do tr '\\0' '\\n' < /proc/$p/environ; done; ps -eo args || true; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo looked`

let running: RunningService
let url: string
let token: string
let linkSecret: string
const answers: string[] = []
beforeAll(async () => {
  const env = { [ENV.logLevel.name]: 'debug' }
  running = await RunningService.make(storyService(), { env })
  const read = (name: string) => readFileSync(join(running.stateDir, name), 'utf8').trim()
  ;({ url } = JSON.parse(read('address.json')) as { url: string })
  token = read('token')
  linkSecret = read('link-secret')
  await misplace()
  await useWell()
  await running.stop()
}, 90_000)
afterAll(() => running[Symbol.asyncDispose]())

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url + path, { redirect: 'manual', ...init })
  const copy = response.clone()
  if (response.status >= 400) {
    answers.push(`${path.split('?')[0]} ${JSON.stringify([...copy.headers])} ${await copy.text()}`)
  }
  return response
}

/** The token where it does not belong, with and without a good one beside it. */
async function misplace(): Promise<void> {
  const encoded = Buffer.from(`user:${token}`).toString('base64')
  const wrong = [
    {},
    { Authorization: `Basic ${encoded}` },
    { Authorization: `Token ${token}` },
    { Authorization: `Bearer Bearer ${token}` },
    { Authorization: `Bearer ${token} ${token}` },
    { Authorization: `Bearer ${token}x` },
    { Authorization: `Bearer:${token}` },
    { Cookie: `token=${token}` },
    { 'X-Api-Key': token },
    { 'User-Agent': token, Referer: `http://x/?token=${token}` },
    { Authorization: token },
  ]
  const searches = [
    `token=${token}`,
    `access_token=Bearer%20${token}`,
    `status=${token}`,
    `limit=${token}`,
  ]
  const routes = [
    '/jobs',
    '/service',
    '/output',
    '/metrics',
    '/files/jobs/x',
    '/console/x',
    '/nowhere',
  ]
  for (const headers of wrong) {
    for (const search of searches) await send(`${routes[0]}?${search}`, { headers })
    for (const route of routes.slice(1)) await send(`${route}?${searches[0]}`, { headers })
    for (const path of ['', '/v1/x']) {
      const put = `/api/predict/story${path}?taskType=command&token=${token}`
      const response = await send(put, { method: 'POST', headers, body: 'true' })
      expect([400, 401]).toContain(response.status)
    }
  }
  const good = { Authorization: token }
  for (const body of [
    '{',
    `{"taskType":"command","token":"${token}"}`,
    `{"command":1,"Authorization":"${token}"}`,
  ]) {
    await send('/jobs', { method: 'POST', headers: good, body })
  }
  await send('/jobs', { method: 'DELETE', headers: good })
}

/** A session as it should be: upload, job, log, artifacts, links. */
async function useWell(): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` }
  const upload = (await (await send('/uploads', { method: 'POST', headers })).json()) as {
    uploadUrl: string
    inputKey: string
  }
  await fetch(upload.uploadUrl, { method: 'PUT', body: LOOKS_AROUND })
  await fetch(upload.uploadUrl.replace('signature=', 'signature=x'), { method: 'PUT', body: 'x' })
  const body = JSON.stringify({ taskType: 'command', inputKey: upload.inputKey })
  const accepted = await send('/jobs', { method: 'POST', headers, body })
  const { id } = (await accepted.json()) as { id: string }
  const ended = await waitFor(
    'the job to end',
    async () => {
      const job = (await (await send(`/jobs/${id}`, { headers })).json()) as { status: string }
      return ['succeeded', 'failed'].includes(job.status) && job.status
    },
    60_000,
  )
  const log = await (await send(`/jobs/${id}/logs?format=text`, { headers })).text()
  expect({ ended, looked: log.includes('looked') }).toEqual({ ended: 'succeeded', looked: true })
  await send(`/jobs/${id}/artifacts`, { headers })
  await send(`/metrics`, { headers })
}

describe('the token and the secret of links', () => {
  test('stand in no line of the log, at its most talkative', () => {
    const lines = running.output.split('\n').filter((line) => line.startsWith('{'))
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) expectWithout(line, 'the log')
  })

  test('stand in no refusal, wherever the token was put', () => {
    expect(answers.length).toBeGreaterThan(50)
    for (const answer of answers) expectWithout(answer, 'an answer')
  })

  test('stand in no other file of the state folder: no row, no message, no log of a job or worker', () => {
    const files = readdirSync(running.stateDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) {
      if (KEEPERS.some((name) => file === join(running.stateDir, name))) {
        expect(statSync(file).mode & 0o077).toBe(0)
      } else expectWithout(readFileSync(file, 'latin1'), file)
    }
  })
})

function expectWithout(text: string, where: string): void {
  const holds = [token, linkSecret, Buffer.from(token).toString('base64')].some((secret) =>
    text.includes(secret),
  )
  expect(holds ? `${where} holds a secret: ${text.slice(0, 300)}` : 'none').toBe('none')
}
