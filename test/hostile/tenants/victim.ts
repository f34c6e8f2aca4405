import type { Job } from '../../../lib/job/job.ts'
import {
  artifactKey,
  attemptPrefix,
  logChunkKey,
  manifestKey,
  resultKey,
  scalerKey,
  workerKey,
} from '../../../lib/job/keys.ts'
import { encodeLogChunk } from '../../../lib/job/log-chunk.ts'
import type { JsonObject } from '../../../lib/ports/json.ts'
import { aRunning, anEnded } from '../../api/a-life.ts'
import { ADMIN_TOKEN, readAnswer, type TestApi } from '../../api/an-api.ts'
import { aJob } from '../../support/a-job.ts'

/** Stands in everything that the victim has, and so in every answer that gives something away. */
export const MARK = 'MARK-OF-THE-VICTIM'
export const QUEUED = '3711718195200000011'
export const RUNNING = '3711718195200000012'
export const ENDED = '3711718195200000013'
/** A job that never was. */
export const NEVER = '3711718195200000014'
export const KEY = 'a-key-of-the-victim'

const OWN = { tenant: 'default', tags: { mark: MARK }, env: { A: MARK } }

/** Everything that the tenant `default` can have in the service, for `other` to reach for. */
export async function keepVictim(api: TestApi): Promise<{ inputKey: string; receipt: string }> {
  const prefix = attemptPrefix(ENDED, 1)
  await api.keep(aJob({ id: QUEUED, ...OWN }))
  await api.keep(aRunning({ id: RUNNING, ...OWN }))
  const artifacts = { manifestKey: manifestKey(prefix), files: 1, bytes: MARK.length }
  const result = { key: resultKey(prefix), bytes: MARK.length, contentType: 'text/plain' }
  await api.keep(anEnded({ id: ENDED, taskType: 'query', ...OWN }, { prefix, artifacts, result }))
  await keepFiles(api, prefix)
  await keepTraces(api)
  await api.post('/jobs', { taskType: 'command', command: MARK }, { 'Idempotency-Key': KEY })
  return { inputKey: await keepUpload(api), receipt: await keepMessage(api) }
}

async function keepFiles({ files }: TestApi, prefix: string): Promise<void> {
  const path = `${MARK}.txt`
  await files.put({ key: artifactKey(prefix, path), body: MARK })
  const listed = [{ path, bytes: MARK.length, sha256: '0'.repeat(64), contentType: 'text/plain' }]
  await files.put({ key: manifestKey(prefix), body: JSON.stringify({ files: listed }) })
  await files.put({ key: resultKey(prefix), body: MARK })
  for (const id of [RUNNING, ENDED]) {
    const line = { stream: 'stdout' as const, at: '2026-01-01T12:00:00.000Z', text: MARK }
    await files.put({ key: logChunkKey(attemptPrefix(id, 1), 0), body: encodeLogChunk([line]) })
  }
}

/** What worker and scaler say of the victim's jobs in rows that every tenant sees something of. */
async function keepTraces({ table }: TestApi): Promise<void> {
  const job = { jobId: RUNNING, attempt: 1, taskType: 'command', startedAt: '2026-01-01T12:00:00Z' }
  const slot = { total: 1, taken: 1 }
  const worker = {
    workerId: 'w1',
    taskId: 't1',
    version: 'v1',
    state: 'busy',
    slots: { command: slot, query: slot },
    jobs: [job],
    startedAt: '2026-01-01T11:00:00.000Z',
    beatAt: '2026-01-01T12:00:00.000Z',
    beat: 1,
  }
  const decision = {
    atMs: 1,
    wanted: 1,
    reason: 'steady',
    desired: {},
    drains: [],
    versions: { waiting: { version: 'v3', heldByJobId: RUNNING } },
    inputs: { workers: {}, unreported: 0, floor: 1, asked: {}, unseen: [] },
    cause: 'clock',
    count: 1,
    lastSeenAtMs: 1,
    replay: { observation: { workers: [{ jobs: [job] }] }, memory: {}, policy: {}, nowMs: 1 },
  }
  await table.write([
    { kind: 'put', key: workerKey('w1'), data: worker as unknown as JsonObject, expect: 'any' },
    {
      kind: 'put',
      key: scalerKey('decisions'),
      data: { decisions: [decision] } as unknown as JsonObject,
      expect: 'any',
    },
  ])
}

async function keepUpload(api: TestApi): Promise<string> {
  const { inputKey } = await readAnswer<{ inputKey: string }>(await api.post('/uploads', ''))
  await api.files.put({ key: inputKey, body: MARK })
  return inputKey
}

async function keepMessage(api: TestApi): Promise<string> {
  const body = JSON.stringify({ id: `${ENDED}:1:end`, kind: 'end', note: MARK })
  await api.queues.send('output', [{ body }])
  const token = { token: ADMIN_TOKEN }
  const answer = await api.send('/output?visibilitySeconds=0', token)
  const { messages } = await readAnswer<{ messages: { receipt: string }[] }>(answer)
  return messages[0]?.receipt ?? ''
}

/** All that must stand as it stood, whatever others do. */
export async function readVictim(api: TestApi): Promise<Job[]> {
  return Promise.all([QUEUED, RUNNING, ENDED].map((id) => api.row(id)))
}
