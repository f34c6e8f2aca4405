import { isJobId, timeOfJobId } from '../../job/job-id.ts'
import { KEEP_ENDED_DAYS } from '../../job/life/ending.ts'
import { KEEP_UPLOAD_DAYS } from '../../registry/agreements.ts'
import { jobKey } from '../../job/keys.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FileInfo, Files } from '../../ports/files.ts'
import type { Database } from '../sqlite/database.ts'

const DAY_MS = 86_400_000
const JOBS = 'jobs/'
const UPLOADS = 'uploads/'

/** Bounds of one pass, so that nobody notices it. */
const MAX_FILES = 500
const MAX_JOBS = 500
const PAGE = 100

export interface FileCollectorOptions {
  readonly database: Pick<Database, 'read' | 'statement'>
  readonly files: Pick<Files, 'list' | 'delete'>
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Deletes files that nothing refers to any more (on S3 the bucket's lifecycle does). A job's files go
 * once its row is gone, an upload once it is old; but not while the row of any job names the file as
 * its input: a retry names the input of the first job.
 *
 * A row that cannot be read ends the pass: a file stays unless its row is known to be gone.
 */
export class FileCollector {
  readonly #database: FileCollectorOptions['database']
  readonly #files: FileCollectorOptions['files']
  readonly #clock: Pick<Clock, 'now'>
  /**
   * Jobs whose row had gone by the end of the last pass. Only they lose files: a retry that read the
   * row just before it went has made its own by now.
   */
  #gone: string[] = []
  /** Keys behind which the next pass goes on. */
  #afterJob = ''
  #afterUpload = ''

  constructor({ database, files, clock }: FileCollectorOptions) {
    this.#database = database
    this.#files = files
    this.#clock = clock
  }

  /**
   * One pass: at most 500 files.
   *
   * @returns how many it deleted
   * @throws PortUnavailable
   */
  async collect(): Promise<number> {
    // At most half, so that many uploads do not delay the files of jobs.
    let deleted = await this.#deleteUploads(MAX_FILES / 2)
    for (let id = this.#gone[0]; id !== undefined && deleted < MAX_FILES; id = this.#gone[0]) {
      const outcome = await this.#deleteJob(id, MAX_FILES - deleted)
      deleted += outcome.deleted
      if (outcome.isDone) this.#gone.shift()
    }
    if (this.#gone.length === 0) this.#gone = await this.#findGone()
    return deleted
  }

  async #deleteUploads(max: number): Promise<number> {
    const page = await this.#files.list(UPLOADS, { limit: max, after: this.#afterUpload })
    const deleted = await this.#deleteUnnamed(page.files, KEEP_UPLOAD_DAYS)
    this.#afterUpload = page.next ?? ''
    return deleted
  }

  async #deleteJob(id: string, max: number): Promise<{ deleted: number; isDone: boolean }> {
    let deleted = 0
    let after = ''
    while (deleted < max) {
      const limit = Math.min(PAGE, max - deleted)
      const page = await this.#files.list(`${JOBS}${id}/`, { limit, after })
      deleted += await this.#deleteUnnamed(page.files, KEEP_ENDED_DAYS)
      if (page.next === undefined) return { deleted, isDone: true }
      after = page.next
    }
    return { deleted, isDone: false }
  }

  /** Job by job, oldest first, up to those that are too young for their row to have gone. */
  async #findGone(): Promise<string[]> {
    const oldMs = this.#clock.now() - KEEP_ENDED_DAYS * DAY_MS
    const gone: string[] = []
    for (let looks = 0; looks < MAX_JOBS; looks += 1) {
      const { files } = await this.#files.list(JOBS, { limit: 1, after: this.#afterJob })
      const id = files[0]?.key.split('/')[1] ?? ''
      if (!isJobId(id) || timeOfJobId(id) > oldMs) {
        this.#afterJob = ''
        return gone
      }
      if (await this.#isGone(id)) gone.push(id)
      // '0' comes next after '/': behind everything of this job, before any later one.
      this.#afterJob = `${JOBS}${id}0`
    }
    return gone
  }

  /** @returns how many of these files were older than that and named by no job */
  async #deleteUnnamed(files: readonly FileInfo[], days: number): Promise<number> {
    const oldMs = this.#clock.now() - days * DAY_MS
    const keys: string[] = []
    for (const { key, modifiedAtMs } of files) {
      if (modifiedAtMs < oldMs && !(await this.#isNamed(key))) keys.push(key)
    }
    if (keys.length > 0) await this.#files.delete(keys)
    return keys.length
  }

  #isGone(jobId: string): Promise<boolean> {
    const { pk, sk } = jobKey(jobId)
    const statement = 'SELECT 1 FROM rows WHERE pk = ? AND sk = ?'
    return this.#read(() => this.#database.statement(statement).get(pk, sk) === undefined)
  }

  #isNamed(key: string): Promise<boolean> {
    // Word for word the expression of the index `rows_by_input_key`.
    const statement = `SELECT 1 FROM rows WHERE json_extract(data, '$.input.key') = ? LIMIT 1`
    return this.#read(() => this.#database.statement(statement).get(key) !== undefined)
  }

  #read<T>(body: () => T): Promise<T> {
    return this.#database.read({ port: 'table', action: 'get' }, body)
  }
}
