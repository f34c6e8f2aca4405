import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkpointPrefix, artifactKey, attemptPrefix, logChunkKey } from '../../../lib/job/keys.ts'
import { makeIdGenerator } from '../../../lib/job/job-id.ts'
import type { ErrorBody } from '../../../lib/registry/errors.ts'
import { toTimestamp } from '../../../lib/job/job.ts'
import { anEnded } from '../../api/a-life.ts'
import { anApi, readAnswer, type TestApi } from '../../api/an-api.ts'
import { type Bench, openBench } from '../../worker/support/a-bench.ts'

/**
 * A job that takes its worker's rights (docs/security.md) may write below its own prefix of the file
 * store, where its log, list of artifacts and checkpoints stand. Whoever reads these must take them
 * for what they are.
 */
const newId = makeIdGenerator({ now: () => Date.now(), random: Math.random })
const ID = '3711718195200000001'
const PREFIX = attemptPrefix(ID, 1)
const LINE = { stream: 'stdout', at: '2026-01-01T12:00:00.000Z', text: 'fine' }

describe('a log that the job has written over', () => {
  let api: TestApi
  beforeAll(async () => {
    api = anApi()
    await api.keep(anEnded())
  })
  afterAll(() => api.close())

  test.each([
    ['no JSON', 'x'],
    ['half a line', '{"stream":"stdout","at":"2026'],
    ['another kind of line', '{"stream":"root","at":"x","text":"y"}'],
    ['a line without text', '{"stream":"stdout","at":"x"}'],
    ['a line that is no object', '[1,2]'],
    ['nothing', 'null'],
    ['a line of a megabyte', JSON.stringify({ ...LINE, text: 'x'.repeat(1_048_576) })],
    ['a prototype', '{"__proto__":{"stream":"stdout","at":"x","text":"y"}}'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['bytes that are no text', '\u0000\ufffd'],
  ])('%s: a gap marker in its place, and the lines around it', async (_, line) => {
    const good = JSON.stringify(LINE)
    await api.files.put({ key: logChunkKey(PREFIX, 0), body: `${good}\n${line}\n${good}\n` })
    const page = await readAnswer<{ lines: { stream: string; text: string; cutBytes?: number }[] }>(
      await api.send(`/jobs/${ID}/logs`),
    )
    expect(page.lines.map(({ text }) => text)).toEqual(['fine', 'a line cannot be read', 'fine'])
    expect(page.lines[1]).toMatchObject({ stream: 'system', cutBytes: Buffer.byteLength(line) })
    const text = await api.send(`/jobs/${ID}/logs?format=text`)
    expect(text.status).toBe(200)
  })

  test('a part that is far too large is a gap of its own', async () => {
    await api.files.put({ key: logChunkKey(PREFIX, 0), body: Buffer.alloc(17 * 1_048_576, 'x') })
    const page = await readAnswer<{ lines: object[]; done: boolean }>(
      await api.send(`/jobs/${ID}/logs`),
    )
    expect(page.lines).toHaveLength(1)
    expect(page.done).toBe(true)
  })
})

describe('a list of artifacts that the job has written over', () => {
  let api: TestApi
  const manifestKey = `${PREFIX}artifacts.json`
  beforeAll(async () => {
    api = anApi()
    const artifacts = { manifestKey, files: 1, bytes: 1 }
    await api.keep(anEnded({}, { artifacts }))
  })
  afterAll(() => api.close())

  const listed = (path: unknown) =>
    JSON.stringify({ files: [{ path, bytes: 1, sha256: '', contentType: '' }] })
  test.each([
    ['no JSON', '{'],
    ['no list', '{"files":{}}'],
    ['a path that climbs', listed('../../other/1/artifacts/x')],
    ['a whole path', listed('/etc/passwd')],
    ['a path with a line end', listed('a\r\nb')],
    ['a path that is none', listed(7)],
    ['half a character', listed('\ud800')],
  ])('%s: said so, without a link', async (_, body) => {
    await api.files.put({ key: manifestKey, body })
    const response = await api.send(`/jobs/${ID}/artifacts`)
    const { error } = await readAnswer<ErrorBody>(response)
    expect(error).toMatchObject({ code: 'not-found', details: [{ path: 'job.artifacts' }] })
  })
})

describe('a checkpoint that the job has written over', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
    await bench.files.put({ key: foreign, body: SECRET })
    await bench.files.put({ key: 'uploads/default/1', body: SECRET })
    bench.startWorker()
  })
  afterAll(() => bench.close())

  const SECRET = 'the secret of another job'
  /** With a true checksum: nothing but the rules about names keeps it out. */
  const file = { path: 'state', bytes: 25, sha256: sha256(SECRET) }
  const foreign = artifactKey(attemptPrefix('3711718195200000009', 1), 'secret.txt')
  test.each([
    ['a file of another job', () => ({ files: [{ ...file, key: foreign }] })],
    ['an upload', () => ({ files: [{ ...file, key: 'uploads/default/1' }] })],
    [
      'a path that climbs',
      (own: string) => ({ files: [{ ...file, path: '../work/run.sh', key: `${own}a` }] }),
    ],
    ['a whole path', (own: string) => ({ files: [{ ...file, path: '/tmp/x', key: `${own}a` }] })],
    ['a key that climbs', (own: string) => ({ files: [{ ...file, key: `${own}../../x` }] })],
    [
      'a file and a folder of one name',
      (own: string) => ({
        files: [
          { ...file, path: 'a', key: `${own}a` },
          { ...file, path: 'a/b', key: `${own}a` },
        ],
      }),
    ],
    [
      'an earlier one of another job',
      () => ({ files: [], previous: { attempt: 1, number: 1, manifestKey: foreign } }),
    ],
    ['another job’s name', () => ({ jobId: '3711718195200000009', files: [] })],
    ['no manifest at all', () => 'rubbish'],
  ])('with %s: left aside, the attempt begins anew', async (_, make) => {
    const id = newId()
    const own = checkpointPrefix(attemptPrefix(id, 1), 1)
    const manifestKey = `${own}manifest.json`
    const made = make(own)
    const manifest = typeof made === 'string' ? made : { jobId: id, attempt: 1, number: 1, ...made }
    await bench.files.put({ key: `${own}a`, body: SECRET })
    await bench.files.put({ key: manifestKey, body: JSON.stringify(manifest) })
    const at = toTimestamp(Date.now())
    const job = await bench.submit('ls -A $SCALABLE_JOB_CHECKPOINT_DIR; echo ran', {
      id,
      checkpointSeconds: 1000,
      checkpoint: { attempt: 1, number: 1, manifestKey, bytes: 25, at },
    })
    const ended = await bench.ended(job.id)
    expect(ended).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await bench.text(ended)).toBe('ran\n')
    expect(await bench.text(ended, 'system')).toContain('starting anew')
  })
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
