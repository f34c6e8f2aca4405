import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobView } from '../../lib/api/contract/job-view-schema.ts'
import { jobInputKey } from '../../lib/job/keys.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'
import { waitFor } from '../support/wait-for.ts'
import { runLine, startLine } from './run-line.ts'

let api: LiveApi
beforeAll(async () => {
  api = await aLiveApi()
})
afterAll(() => api.close())

async function submit(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runLine(api, ['submit', ...words])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trim()
}

async function view(id: string): Promise<JobView> {
  const { stdout } = await runLine(api, ['status', id, '--json'])
  return JSON.parse(stdout) as JobView
}

async function inputOf(id: string): Promise<string> {
  const row = await api.table.get(jobInputKey(id))
  const { base64 = '' } = (row?.data ?? {}) as { base64?: string }
  return Buffer.from(base64, 'base64').toString('utf8')
}

function follow(words: readonly string[]) {
  const env = { SCALABLE_JOB_API_URL: api.url, SCALABLE_JOB_TOKEN: TOKEN }
  return startLine(words, { env, cwd: api.folder })
}

describe('submit', () => {
  test('prints the id alone; words after -- reach the shell as exactly these words', async () => {
    const id = await submit('--', 'python3', 'train.py', '--name', "it's $HOME", '*.csv')
    expect(id).toMatch(/^\d{19}$/)
    expect(await inputOf(id)).toBe(String.raw`python3 train.py --name 'it'\''s $HOME' '*.csv'`)
  })

  test('passes on environment, tags, limits and retries', async () => {
    const words = ['-e', 'EPOCHS=10', '-t', 'kind=a=b', '--run-seconds', '60', '--retries', '2']
    const job = await view(await submit(...words, '--checkpoint-seconds', '5', '-c', 'a | b'))
    expect(job).toMatchObject({
      taskType: 'command',
      env: { EPOCHS: '10' },
      tags: { kind: 'a=b' },
      limits: { runSeconds: 60 },
      retry: { maxRetries: 2 },
      checkpointSeconds: 5,
    })
  })

  test('a query takes its body from standard input and recognises JSON', async () => {
    const words = ['submit', '--type', 'query', '--path', '/predict', '--input', '-']
    const { stdout } = await runLine(api, words, { input: '{"pixels":[1]}' })
    const job = await view(stdout.trim())
    expect(job.request).toMatchObject({
      path: '/predict',
      headers: { 'content-type': 'application/json' },
    })
    expect(await inputOf(job.id)).toBe('{"pixels":[1]}')
  })

  test('a large input is uploaded by itself', async () => {
    await writeFile(join(api.folder, 'large.bin'), Buffer.alloc(300_000, 7))
    const job = await view(await submit('--type', 'query', '--input', 'large.bin'))
    expect(job.input).toMatchObject({ bytes: 300_000 })
    expect((await api.files.info(job.input.key ?? ''))?.bytes).toBe(300_000)
  })

  test('the same idempotency key makes one job', async () => {
    const words = ['--idempotency-key', 'once', '-c', 'ls']
    expect(await submit(...words)).toBe(await submit(...words))
  })
})

describe('submit --follow', () => {
  test('shows stdout and stderr apart and exits with the exit code of the job', async () => {
    const line = follow(['submit', '--follow', '--', 'train'])
    const id = await waitFor('the id', () => /job (\d{19})/.exec(line.stderr())?.[1])
    await api.start(id)
    await api.writeLog(id, 0, [{ text: 'epoch 1' }, { stream: 'stderr', text: 'careful' }])
    await waitFor('the first lines', () => line.stdout().includes('epoch 1'))
    await api.writeLog(id, 1, [{ text: 'epoch 2' }])
    const end = { reason: 'exit-code', message: 'exited with 7', exitCode: 7 } as const
    await api.end(id, { status: 'failed', end })
    expect(await line.code).toBe(7)
    expect(line.stdout()).toBe('epoch 1\nepoch 2\n')
    expect(line.stderr()).toContain('careful\n')
    expect(line.stderr()).toContain(`job ${id} failed, exit code 7`)
  })

  test('goes on by itself after the service was away, without losing or repeating a line', async () => {
    const id = await submit('-c', 'x')
    await api.start(id)
    await api.writeLog(id, 0, [{ text: 'before' }])
    const line = follow(['logs', id, '--follow'])
    await waitFor('the first line', () => line.stdout() === 'before\n')
    let refused = 0
    api.disturb(() => new Response('gateway', { status: refused++ < 1 ? 502 : 504 }))
    await api.writeLog(id, 1, [{ text: 'meanwhile' }])
    await waitFor('a call to fail', () => refused > 0)
    api.recover()
    await api.writeLog(id, 2, [{ text: 'after' }])
    await api.end(id)
    expect(await line.code).toBe(0)
    expect(line.stdout()).toBe('before\nmeanwhile\nafter\n')
  })

  test('Ctrl-C stops the following, says that the job goes on, and exits with 130', async () => {
    const id = await submit('-c', 'x')
    await api.start(id)
    await api.writeLog(id, 0, [{ text: 'working' }])
    const line = follow(['logs', id, '--follow'])
    await waitFor('the first line', () => line.stdout() === 'working\n')
    line.interrupt()
    expect(await line.code).toBe(130)
    expect(line.stderr()).toContain(`job ${id} goes on`)
    expect((await view(id)).status).toBe('running')
  })

  test('a signal that ended the job becomes 128 + its number', async () => {
    const id = await submit('-c', 'x')
    await api.start(id)
    const end = { reason: 'killed-by-signal', message: 'killed', signal: 'SIGKILL' } as const
    await api.end(id, { status: 'failed', end })
    expect(await follow(['logs', id, '-f']).code).toBe(137)
  })
})

describe('logs and status', () => {
  test('logs prints what is there; --json gives a line each with its cursor', async () => {
    const id = await submit('-c', 'x')
    await api.start(id)
    await api.writeLog(id, 0, [{ text: 'one' }, { text: 'two' }])
    expect(await runLine(api, ['logs', id])).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' })
    const { stdout } = await runLine(api, ['logs', id, '--json'])
    const first = JSON.parse(stdout.split('\n')[0] ?? '') as { cursor: string }
    const rest = await runLine(api, ['logs', id, '--cursor', first.cursor])
    expect(rest.stdout).toBe('two\n')
  })

  test('a terminal never gets control characters of a job', async () => {
    const id = await submit('-c', 'x')
    await api.start(id)
    await api.writeLog(id, 0, [{ text: 'a\u001b]0;title\u0007b\u001b[2Jc\r\u0000d\te' }])
    const parts: string[] = []
    const stdout = { write: (text: string | Uint8Array) => parts.push(String(text)), isTTY: true }
    await runLine(api, ['logs', id], { stdout })
    expect(parts.join('')).toBe('abcd\te\n')
  })

  test('status shows progress while it runs, and why it ended', async () => {
    const id = await submit('-c', 'x')
    await api.start(id)
    const at = new Date().toISOString()
    await api.report(id, { progress: { fraction: 0.42, note: 'epoch 5 of 12', at } })
    expect((await runLine(api, ['status', id])).stdout).toContain('42 % epoch 5 of 12')
    await api.end(id, {
      status: 'failed',
      end: { reason: 'timed-out', message: 'ran longer than 60 s' },
    })
    expect((await runLine(api, ['status', id])).stdout).toContain(
      'ran longer than 60 s (timed-out)',
    )
  })
})

describe('list', () => {
  test('filters by status and tag, and pages through all without a gap', async () => {
    const ids = [await submit('-c', '1', '-t', 'set=p'), await submit('-c', '2', '-t', 'set=p')]
    ids.push(await submit('-c', '3', '-t', 'set=p'))
    const filter = ['list', '--status', 'queued', '--tag', 'set=p', '--limit', '2']
    const first = await runLine(api, filter)
    const cursor = /--cursor (\S+)/.exec(first.stderr)?.[1] ?? ''
    const second = await runLine(api, [...filter, '--cursor', cursor])
    const listed = `${first.stdout}${second.stdout}`.match(/\d{19}/g)
    expect(listed).toEqual(ids.toReversed())
  })
})

describe('cancel and retry', () => {
  test('cancel says what is true: ended at once, asked to end, or ended before', async () => {
    const waiting = await submit('-c', 'x')
    expect((await runLine(api, ['cancel', waiting])).stdout).toBe(`job ${waiting} is canceled\n`)
    const running = await submit('-c', 'x')
    await api.start(running)
    expect((await runLine(api, ['cancel', running])).stdout).toContain('was asked to stop')
    expect((await runLine(api, ['cancel', waiting])).stdout).toContain(
      'had already ended: canceled',
    )
  })

  test('retry makes a new job of an ended one', async () => {
    const id = await submit('-c', 'again')
    const early = await runLine(api, ['retry', id])
    expect(early).toMatchObject({ code: 1, stdout: '' })
    await runLine(api, ['cancel', id])
    const { stdout } = await runLine(api, ['retry', id])
    expect((await view(stdout.trim())).retryOf).toBe(id)
    expect(await inputOf(stdout.trim())).toBe('again')
  })
})

describe('result', () => {
  test('prints the answer of the model to the byte', async () => {
    const id = await submit('--type', 'query')
    await api.start(id)
    await api.files.put({ key: `jobs/${id}/1/result`, body: '{"digit":7}' })
    const result = { key: `jobs/${id}/1/result`, bytes: 11, contentType: 'application/json' }
    const early = await runLine(api, ['result', id])
    expect(early).toMatchObject({ code: 1, stdout: '' })
    expect(early.stderr).toContain(`job ${id} is running`)
    const waiting = follow(['result', id, '--wait'])
    await api.end(id, { result })
    expect(await waiting.code).toBe(0)
    expect(waiting.stdout()).toBe('{"digit":7}')
    await runLine(api, ['result', id, '--output', 'answer.json'])
    expect(await readFile(join(api.folder, 'answer.json'), 'utf8')).toBe('{"digit":7}')
  })
})

describe('artifacts', () => {
  const sha256 = (body: string) => createHash('sha256').update(body).digest('hex')
  const contentType = 'text/plain'

  async function keep(files: readonly { path: string; body: string; sha256?: string }[]) {
    const id = await submit('-c', 'x')
    await api.start(id)
    for (const file of files) await api.keepArtifact(id, file)
    const listed = files.map(({ path, body, sha256: given }) => {
      return { path, bytes: body.length, sha256: given ?? sha256(body), contentType }
    })
    await api.keepManifest(id, listed)
    const manifestKey = `jobs/${id}/1/artifacts.json`
    await api.end(id, { artifacts: { manifestKey, files: files.length, bytes: 1 } })
    return id
  }

  test('are listed, and downloaded into folders of their own', async () => {
    const id = await keep([
      { path: 'model/weights.bin', body: 'weights' },
      { path: 'ünicode name.txt', body: 'text' },
    ])
    expect((await runLine(api, ['artifacts', id])).stdout).toContain('model/weights.bin')
    const { code } = await runLine(api, ['artifacts', id, '--download', 'out'])
    expect(code).toBe(0)
    expect(await readFile(join(api.folder, 'out/model/weights.bin'), 'utf8')).toBe('weights')
    expect(await readFile(join(api.folder, 'out/ünicode name.txt'), 'utf8')).toBe('text')
  })

  test('a damaged file is refused and leaves nothing behind', async () => {
    const id = await keep([{ path: 'broken.txt', body: 'text', sha256: sha256('other') }])
    const { code, stderr } = await runLine(api, ['artifacts', id, '--download', 'damaged'])
    expect(code).toBe(1)
    expect(stderr).toContain('broken.txt arrived with the checksum')
    expect(await readdir(join(api.folder, 'damaged'))).toEqual([])
  })

  test('more files than one answer has links for are all downloaded', async () => {
    const many = Array.from({ length: 1003 }, (_, index) => ({ path: `f/${index}`, body: 'x' }))
    const id = await keep(many)
    const { code } = await runLine(api, ['artifacts', id, '--download', 'many'])
    expect(code).toBe(0)
    expect(await readdir(join(api.folder, 'many/f'))).toHaveLength(1003)
  })
})

describe('output', () => {
  test('prints the end of a job and acknowledges it, or keeps it when told to', async () => {
    for (;;) if ((await runLine(api, ['output'])).stdout === '') break
    const id = await submit('-c', 'x')
    await api.start(id)
    await api.end(id)
    const { stdout } = await runLine(api, ['output', '--wait', '5'])
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'end', jobId: id, status: 'succeeded' })
    expect(await api.queues.depth('output')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
    await runLine(api, ['cancel', await submit('-c', 'x')])
    expect((await runLine(api, ['output', '--keep', '--wait', '5'])).stdout).toContain('canceled')
    expect((await api.queues.depth('output')).inFlight).toBe(1)
  })
})
