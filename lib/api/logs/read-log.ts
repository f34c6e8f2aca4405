import { TASK_TYPE_FACTS } from '../../job/task-types.ts'
import type { LogLineView } from '../contract/answers.ts'
import { formatLogCursor, type LogCursor } from '../contract/log-query.ts'
import { isEnded, type Job } from '../../job/job.ts'
import { attemptPrefix, logChunkKey } from '../../job/keys.ts'
import { decodeLogChunk, type LogLine, unreadable } from '../../job/log-chunk.ts'
import type { Files } from '../../ports/files.ts'
import { readAtMost } from '../../job/store/read-at-most.ts'

/** Text of one answer; a Lambda may answer with 6 MB. */
const MAX_TEXT_BYTES = 1_048_576
/** Chunks of one answer, each of which is one read. */
const MAX_CHUNKS = 100
const MAX_CHUNK_BYTES = 16 * 1_048_576

export interface LogRequest {
  readonly cursor: LogCursor
  readonly limit: number
  readonly stream?: LogLine['stream'] | undefined
}

export interface LogBatch {
  readonly lines: readonly LogLineView[]
  /** Where to read on. */
  readonly cursor: LogCursor
  /** The job had ended before the files were looked at, and all of them are read. */
  readonly done: boolean
}

/**
 * The next lines of a job's log, over its attempts in their order. A worker stores the chunks of an
 * attempt one after the other from 0, so that the first one missing is the end. `job` must have been read before
 * this call: only then does "ended, and no further chunk" mean that none will come.
 */
export async function readLog(files: Files, job: Job, request: LogRequest): Promise<LogBatch> {
  const lines: LogLineView[] = []
  let { cursor } = request
  let bytes = 0
  for (let reads = 0; reads < MAX_CHUNKS; reads += 1) {
    if (cursor.attempt > job.attempt) return { lines, cursor, done: isEnded(job.status) }
    const chunk = await readChunk(files, job.id, cursor)
    if (chunk === undefined) {
      if (cursor.attempt === job.attempt) return endLog(job, { lines, cursor }, request)
      const gap = findGap(job, cursor.attempt, request)
      cursor = { attempt: cursor.attempt + 1, chunk: 0, line: 0 }
      if (gap !== undefined) lines.push({ ...gap, cursor: formatLogCursor(cursor) })
      if (lines.length >= request.limit) break
      continue
    }
    const room = { lines: request.limit - lines.length, bytes: MAX_TEXT_BYTES - bytes }
    const taken = takeLines(chunk, { cursor, room, stream: request.stream })
    lines.push(...taken.lines)
    bytes += taken.bytes
    cursor = taken.cursor
    if (lines.length >= request.limit || bytes >= MAX_TEXT_BYTES) break
  }
  return { lines, cursor, done: false }
}

/** What was not stored before the attempt ended stands in no file: the row tells of it. */
function endLog(
  job: Job,
  { lines, cursor }: Omit<LogBatch, 'done'>,
  request: LogRequest,
): LogBatch {
  const done = isEnded(job.status)
  // A line of a chunk that is not there: the marker was read before.
  const isTold = cursor.line > 0
  const gap = done && !isTold ? findGap(job, cursor.attempt, request) : undefined
  if (gap === undefined) return { lines, cursor, done }
  const told = { ...cursor, line: 1 }
  return { lines: [...lines, { ...gap, cursor: formatLogCursor(told) }], cursor: told, done }
}

type Gap = Omit<LogLineView, 'cursor'>

function findGap(job: Job, attempt: number, { stream }: LogRequest): Gap | undefined {
  const record = job.attempts.find((each) => each.attempt === attempt)
  if (record === undefined || (stream !== undefined && stream !== 'system')) return undefined
  const gap = { attempt, stream: 'system', at: record.endedAt } as const
  const { lostLogBytes: cutBytes = 0 } = record
  if (cutBytes > 0) {
    const text = `up to ${cutBytes} bytes of output are missing here: the log store did not take them before the attempt ended`
    return { ...gap, text, cutBytes }
  }
  if (!TASK_TYPE_FACTS[job.taskType].runsProcesses || record.reason !== 'worker-lost')
    return undefined
  // It took along what it had not stored; 0 is the least that it can have been.
  const text = 'output may be missing here: the worker was lost, with what it had not stored yet'
  return { ...gap, text, cutBytes: 0 }
}

async function readChunk(
  files: Files,
  jobId: string,
  { attempt, chunk }: LogCursor,
): Promise<LogLine[] | undefined> {
  const key = logChunkKey(attemptPrefix(jobId, attempt), chunk)
  // A worker's chunks are far smaller, but a job may have taken the rights of its worker.
  const content = await readAtMost(files, key, MAX_CHUNK_BYTES)
  if (content === 'too-large') return [unreadable('a part of the log', MAX_CHUNK_BYTES)]
  return content && decodeLogChunk(content.toString('utf8'))
}

interface Taking {
  readonly cursor: LogCursor
  readonly room: { readonly lines: number; readonly bytes: number }
  readonly stream: LogLine['stream'] | undefined
}

/** Lines of one chunk while there is room; at least one, so that every answer gets on. */
function takeLines(chunk: readonly LogLine[], { cursor, room, stream }: Taking) {
  const lines: LogLineView[] = []
  let bytes = 0
  let { line } = cursor
  for (const each of chunk.slice(line)) {
    if (lines.length >= room.lines || bytes >= room.bytes) break
    line += 1
    if (stream !== undefined && each.stream !== stream) continue
    bytes += Buffer.byteLength(each.text)
    const place = { ...cursor, line }
    lines.push({ ...each, attempt: cursor.attempt, cursor: formatLogCursor(place) })
  }
  const isRead = line >= chunk.length
  const next = isRead ? { ...cursor, chunk: cursor.chunk + 1, line: 0 } : { ...cursor, line }
  return { lines, bytes, cursor: next }
}
