import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import { inputFileKey, uploadKey } from '../../lib/job/keys.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aService } from '../support/a-service.ts'
import { ADMIN_TOKEN, anApi, readAnswer, type TestApi } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi()
})
afterEach(() => api.close())

const COMMAND = { taskType: 'command', command: 'python train.py' }

async function submit(body: object, headers: Record<string, string> = {}): Promise<JobView> {
  const response = await api.post('/jobs', body, headers)
  expect(response.status).toBe(201)
  return readAnswer<JobView>(response)
}

async function readReadyMessages() {
  const how = { max: 10, waitSeconds: 0, visibilitySeconds: 0 }
  const [command, query] = await Promise.all([
    api.queues.receive('command', how),
    api.queues.receive('query', how),
  ])
  return [...command, ...query].map(({ body }) => JSON.parse(body))
}

describe('POST /jobs', () => {
  test('a command job is kept, announced, and named in Location', async () => {
    const response = await api.post('/jobs', { ...COMMAND, tags: { run: 'a' }, env: { N: '1' } })
    const job = await readAnswer<JobView>(response)
    expect(response.status).toBe(201)
    expect(response.headers.get('Location')).toBe(`/jobs/${job.id}`)
    expect(job).toMatchObject({ status: 'queued', taskType: 'command', tags: { run: 'a' } })
    expect(String(await api.input(job.id))).toBe('python train.py')
    expect(await readReadyMessages()).toEqual([{ jobId: job.id, attempt: 1 }])
    expect(api.kicks()).toBe(1)
  })

  test('once the message is sent the reaper sends the next one only after ten minutes', async () => {
    const { id } = await submit(COMMAND)
    const row = await api.row(id)
    expect(Date.parse(row.readyAt ?? '')).toBe(NOON_MS + 600_000)
    expect(row.readySent).toBe(1)
  })

  test('a message that cannot be sent costs the caller nothing and is due in half a minute', async () => {
    const down = anApi({
      ports: {
        queues: {
          ...queuesOf(api),
          send: () => Promise.reject(new PortUnavailable('queues', 'send', new Error('down'))),
        },
      },
    })
    const response = await down.post('/jobs', COMMAND)
    expect(response.status).toBe(201)
    const { id } = await readAnswer<JobView>(response)
    expect(Date.parse((await down.row(id)).readyAt ?? '')).toBe(NOON_MS + 30_000)
    expect(down.logged.some(({ level }) => level === 'warn')).toBe(true)
    await down.close()
  })

  test('a store that does not answer gives 503 with Retry-After and no stack', async () => {
    const down = anApi({
      ports: {
        table: {
          ...tableOf(api),
          write: () => Promise.reject(new PortUnavailable('table', 'write', new Error('down'))),
        },
      },
    })
    const response = await down.post('/jobs', COMMAND)
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('5')
    expect(await response.text()).not.toContain('at ')
    await down.close()
  })

  test.each([
    ['SQLite', Object.assign(new Error('database or disk is full'), { errcode: 13 })],
    [
      'the folder',
      new Error('write', { cause: Object.assign(new Error('x'), { code: 'ENOSPC' }) }),
    ],
  ])('a full disk is named, whether %s met it', async (_who, cause) => {
    const write = () => Promise.reject(new PortUnavailable('table', 'write', cause))
    const down = anApi({ ports: { table: { ...tableOf(api), write } } })
    const response = await down.post('/jobs', COMMAND)
    expect(response.status).toBe(503)
    const { error } = await readAnswer<{ error: { message: string } }>(response)
    expect(error.message).toBe('the table cannot be used: no space left on the device')
    await down.close()
  })

  test('an upload larger than its link allowed is refused, for S3 cannot bind its size', async () => {
    const inputKey = uploadKey('default', '1')
    const info = async (key: string) => ({ key, bytes: 5 * 1024 ** 3 + 1, modifiedAtMs: NOON_MS })
    const large = anApi({ ports: { files: { ...api.files, info } } })
    const response = await large.post('/jobs', { taskType: 'query', inputKey })
    expect(response.status).toBe(413)
    expect(await response.text()).toContain('body.inputKey')
    await large.close()
  })

  test('an empty upload is no command', async () => {
    const inputKey = uploadKey('default', '1')
    await api.files.put({ key: inputKey, body: '' })
    const response = await api.post('/jobs', { taskType: 'command', inputKey })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('the command of the job is empty')
  })

  test('an input above the inline bound stands in the file store before the row', async () => {
    const text = 'x'.repeat(70_000)
    const { id, input } = await submit({ taskType: 'query', input: text })
    expect(input).toEqual({ bytes: 70_000, key: inputFileKey(id) })
    expect((await api.files.read(inputFileKey(id), 100_000))?.toString()).toBe(text)
    expect(await api.input(id)).toBeUndefined()
  })

  test('a JSON input is sent as JSON, a text as it stands, headers of the request win', async () => {
    const json = await submit({ taskType: 'query', input: { pixels: [1, 2] } })
    const text = await submit({ taskType: 'query', input: 'hello' })
    const own = await submit({
      taskType: 'query',
      input: '<a/>',
      request: { path: '/v1?top=3', headers: { 'Content-Type': 'text/xml' } },
    })
    expect(json.request).toMatchObject({ headers: { 'content-type': 'application/json' } })
    expect(text.request).toMatchObject({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
    expect(own.request).toEqual({
      method: 'POST',
      path: '/v1?top=3',
      headers: { 'content-type': 'text/xml' },
    })
  })

  test('limits and retries that are not given are those of the service', async () => {
    const { limits, retry } = await submit({ ...COMMAND, limits: { runSeconds: 60 } })
    const defaults = aService().jobDefaults.command
    expect(limits).toEqual({ ...defaults.limits, runSeconds: 60 })
    expect(retry).toEqual(defaults.retry)
  })

  test('an upload becomes the input by its key, and only of its own tenant', async () => {
    const upload = await readAnswer<{ inputKey: string; uploadUrl: string }>(
      await api.post('/uploads', ''),
    )
    expect(upload.uploadUrl).toContain('http://files.test/')
    const early = await api.post('/jobs', { taskType: 'query', inputKey: upload.inputKey })
    expect(early.status).toBe(404)
    await api.files.put({ key: upload.inputKey, body: 'big' })
    const job = await submit({ taskType: 'query', inputKey: upload.inputKey })
    expect(job.input).toEqual({ bytes: 3, key: upload.inputKey })
    await api.files.put({ key: uploadKey('other', '1'), body: 'theirs' })
    const foreign = await api.post('/jobs', { taskType: 'query', inputKey: 'uploads/other/1' })
    expect(foreign.status).toBe(404)
  })

  test('values under names that tell of secrets are hidden from answers', async () => {
    const { id } = await submit({ ...COMMAND, env: { HF_TOKEN: 'hf_123', EPOCHS: '3' } })
    const shown = await readAnswer<JobView>(await api.send(`/jobs/${id}`))
    expect(shown.env).toEqual({ HF_TOKEN: '(hidden)', EPOCHS: '3' })
    expect((await api.row(id)).env).toEqual({ HF_TOKEN: 'hf_123', EPOCHS: '3' })
  })

  test('the admin may submit for any tenant, others only for their own', async () => {
    const body = JSON.stringify({ ...COMMAND, tenant: 'other' })
    const admin = await api.send('/jobs', { method: 'POST', body, token: ADMIN_TOKEN })
    expect(await readAnswer(admin)).toMatchObject({ tenant: 'other' })
    const refused = await api.send('/jobs', { method: 'POST', body })
    expect(refused.status).toBe(400)
  })
})

describe('Idempotency-Key', () => {
  const headers = { 'Idempotency-Key': 'key-1' }

  test('the same key and body gives the same job, and says so', async () => {
    const first = await submit(COMMAND, headers)
    const again = await api.post('/jobs', COMMAND, headers)
    expect(again.status).toBe(201)
    expect(again.headers.get('Idempotency-Replayed')).toBe('true')
    expect((await readAnswer<JobView>(again)).id).toBe(first.id)
    expect(await api.countJobs()).toBe(1)
  })

  test('another body under the same key is refused', async () => {
    await submit(COMMAND, headers)
    const other = await api.post('/jobs', { ...COMMAND, command: 'rm -r /' }, headers)
    expect(other.status).toBe(409)
    expect(await readAnswer(other)).toMatchObject({ error: { code: 'idempotency-conflict' } })
    expect(await api.countJobs()).toBe(1)
  })

  test('ten at once make one job', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.post('/jobs', COMMAND, headers)),
    )
    const jobs = await Promise.all(answers.map((each) => readAnswer<JobView>(each)))
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    expect(await api.countJobs()).toBe(1)
  })

  test('a repeat is answered even when the service takes no more jobs', async () => {
    const full = anApi({ service: withMaxWaiting(1) })
    const first = await full.post('/jobs', COMMAND, headers)
    expect(first.status).toBe(201)
    const repeat = await full.post('/jobs', COMMAND, headers)
    const another = await full.post('/jobs', COMMAND)
    expect(repeat.status).toBe(201)
    expect(another.status).toBe(429)
    expect(Number(another.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await full.countJobs()).toBe(1)
    await full.close()
  })
})

describe('the intake bound', () => {
  test('the depth of the queues is asked for once in a while, not per submit', async () => {
    let asked = 0
    const queues = queuesOf(api)
    const counted = {
      ...queues,
      depth: (queue: Parameters<typeof queues.depth>[0]) => {
        asked += 1
        return queues.depth(queue)
      },
    }
    const many = anApi({ ports: { queues: counted } })
    for (let count = 0; count < 20; count += 1) await many.post('/jobs', COMMAND)
    expect(asked).toBe(2)
    await many.close()
  })

  test('a depth that cannot be read refuses nobody', async () => {
    const blind = anApi({
      ports: {
        queues: {
          ...queuesOf(api),
          depth: () => Promise.reject(new PortUnavailable('queues', 'depth', new Error('down'))),
        },
      },
    })
    expect((await blind.post('/jobs', COMMAND)).status).toBe(201)
    await blind.close()
  })
})

function withMaxWaiting(maxWaitingJobs: number) {
  const service = aService()
  return { ...service, intake: { ...service.intake, maxWaitingJobs } }
}

/** Ports are classes: their methods need to be bound before they are spread. */
function queuesOf({ queues }: TestApi) {
  return {
    send: queues.send.bind(queues),
    receive: queues.receive.bind(queues),
    delete: queues.delete.bind(queues),
    handBack: queues.handBack.bind(queues),
    depth: queues.depth.bind(queues),
    close: queues.close.bind(queues),
  }
}

function tableOf({ table }: TestApi) {
  return {
    get: table.get.bind(table),
    getMany: table.getMany.bind(table),
    list: table.list.bind(table),
    queryIndex: table.queryIndex.bind(table),
    write: table.write.bind(table),
    close: table.close.bind(table),
  }
}
