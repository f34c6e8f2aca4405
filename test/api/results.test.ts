import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { artifactKey, attemptPrefix, manifestKey, resultKey } from '../../lib/job/keys.ts'
import type { ResultRef } from '../../lib/job/job.ts'
import { aJob } from '../support/a-job.ts'
import { anEnded, aRunning } from './a-life.ts'
import { anApi, clockFromNoon, readAnswer, type TestApi } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi({ clock: clockFromNoon() })
})
afterEach(() => api.close())

const { id } = aJob()
const prefix = attemptPrefix(id, 1)
const answered = { reason: 'completed', message: 'answered', statusCode: 200 } as const

async function keepAnswer(body: string, contentType: string): Promise<ResultRef> {
  await api.files.put({ key: resultKey(prefix), body, contentType })
  return { key: resultKey(prefix), bytes: body.length, contentType }
}

describe('GET /jobs/{id}/result', () => {
  test("a query's answer comes as the model gave it", async () => {
    const result = await keepAnswer('{"digit":7}', 'application/json')
    await api.keep(anEnded({ taskType: 'query' }, { result, end: answered }))
    const response = await api.send(`/jobs/${id}/result`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('{"digit":7}')
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(response.headers.get('X-Scalable-Job-Status')).toBe('succeeded')
    expect(response.headers.get('X-Scalable-Job-Status-Code')).toBe('200')
  })

  test('a page that a model made cannot run in a browser', async () => {
    const result = await keepAnswer('<script>alert(1)</script>', 'text/html')
    await api.keep(anEnded({ taskType: 'query' }, { result, end: answered }))
    const response = await api.send(`/jobs/${id}/result`)
    expect(response.headers.get('Content-Security-Policy')).toContain('sandbox')
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  })

  test('a failed query keeps the answer of the model and its status', async () => {
    const result = await keepAnswer('boom', 'text/plain')
    const end = { reason: 'model-status', message: 'answered 500', statusCode: 500 } as const
    await api.keep(anEnded({ taskType: 'query' }, { status: 'failed', result, end }))
    const response = await api.send(`/jobs/${id}/result`)
    expect(response.headers.get('X-Scalable-Job-Status')).toBe('failed')
    expect(response.headers.get('X-Scalable-Job-Status-Code')).toBe('500')
    expect(await response.text()).toBe('boom')
  })

  test('a command is summed up as JSON', async () => {
    await api.keep(anEnded())
    expect(await readAnswer(await api.send(`/jobs/${id}/result`))).toMatchObject({
      jobId: id,
      status: 'succeeded',
      reason: 'completed',
      exitCode: 0,
    })
  })

  test('a job that has not ended answers 202, at once or after the wait', async () => {
    await api.keep(aRunning())
    for (const query of ['', '?waitSeconds=1']) {
      const response = await api.send(`/jobs/${id}/result${query}`)
      expect(response.status).toBe(202)
      expect(response.headers.get('Retry-After')).toBe('2')
      expect(await readAnswer(response)).toMatchObject({ id, status: 'running' })
    }
  })

  test('the wait ends with the job', async () => {
    await api.keep(aRunning())
    const waiting = api.send(`/jobs/${id}/result?waitSeconds=20`)
    await api.keep(anEnded())
    expect((await waiting).status).toBe(200)
  })

  test('an answer too large for a Lambda is a redirect to a link', async () => {
    const buffered = anApi({
      clock: api.clock,
      canStream: false,
      ports: { files: api.files, table: api.table },
    })
    const result = await keepAnswer('x'.repeat(4_000_001), 'text/plain')
    await api.keep(anEnded({ taskType: 'query' }, { result, end: answered }))
    const response = await buffered.send(`/jobs/${id}/result`)
    expect(response.status).toBe(303)
    expect(response.headers.get('Location')).toContain(`/files/${resultKey(prefix)}`)
    const streamed = await api.send(`/jobs/${id}/result`)
    expect((await streamed.arrayBuffer()).byteLength).toBe(4_000_001)
    await buffered.close()
  })

  test('an answer that is no longer kept is not found', async () => {
    const result = { key: resultKey(prefix), bytes: 3, contentType: 'text/plain' }
    await api.keep(anEnded({ taskType: 'query' }, { result, end: answered }))
    expect((await api.send(`/jobs/${id}/result`)).status).toBe(404)
  })
})

describe('GET /jobs/{id}/artifacts', () => {
  async function keepArtifacts(paths: readonly string[]) {
    const files = paths.map((path) => ({
      path,
      bytes: 3,
      sha256: 'ab'.repeat(32),
      contentType: 'text/plain',
    }))
    for (const { path } of files) {
      await api.files.put({ key: artifactKey(prefix, path), body: 'abc' })
    }
    const key = manifestKey(prefix)
    await api.files.put({ key, body: JSON.stringify({ files }) })
    const artifacts = { manifestKey: key, files: files.length, bytes: 3 * files.length }
    await api.keep(anEnded({}, { artifacts }))
  }

  test('every file comes with size, checksum and link', async () => {
    await keepArtifacts(['model.bin', 'logs/a b.txt'])
    const answer = await readAnswer<{ files: { path: string; url: string }[] }>(
      await api.send(`/jobs/${id}/artifacts`),
    )
    expect(answer).toMatchObject({
      truncated: false,
      files: [{ path: 'model.bin', bytes: 3 }, { path: 'logs/a b.txt' }],
    })
    expect(answer.files[1]?.url).toContain('http://files.test/files/jobs/')
  })

  test('one file is a redirect to its link, and only if it is there', async () => {
    await keepArtifacts(['model.bin'])
    const found = await api.send(`/jobs/${id}/artifacts?path=model.bin`)
    expect(found.status).toBe(303)
    expect(found.headers.get('Location')).toContain('model.bin')
    expect((await api.send(`/jobs/${id}/artifacts?path=other.bin`)).status).toBe(404)
    const climbing = await api.send(`/jobs/${id}/artifacts?path=../../../x`)
    expect(climbing.status).toBe(400)
    expect(await readAnswer(climbing)).toMatchObject({ error: { code: 'invalid-path' } })
  })

  test('a job without artifacts has none, a running one not yet', async () => {
    await api.keep(anEnded())
    expect(await readAnswer(await api.send(`/jobs/${id}/artifacts`))).toMatchObject({ files: [] })
    await api.keep(aRunning())
    expect((await api.send(`/jobs/${id}/artifacts`)).status).toBe(202)
  })
})
