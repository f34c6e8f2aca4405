/**
 * Syncs the checkpoint folder of a running attempt: every `checkpointSeconds`, and once more when
 * the attempt ends in a way that another one may follow.
 *
 * A round: look at all files → upload those that changed, each as it stood at one moment → look
 * again; if the set has changed meanwhile, once more → manifest → record in the row, fenced on
 * (attempt, running). An unchanged file is recorded under the key of its last copy. Until the record
 * is written the earlier checkpoint counts, so a round that fails or is cut off costs nothing.
 *
 * A file that is never still long enough to be copied keeps its earlier copy, or is left out until
 * it is; the log says so. Programs that write aside and rename are always copied whole.
 */
import { recordCheckpoint } from '../../lib/job/life/attempt.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { checkpointPrefix } from '../../lib/job/keys.ts'
import { lookAt, scanFolder, type ScannedFile } from '../run/folders/scan-folder.ts'
import { mapAtOnce } from '../../lib/pace/map-at-once.ts'
import { retryWhileHeld } from '../run/retry-while-held.ts'
import type { Attempt, RunResult } from '../run/attempt.ts'
import type { CheckpointFile, CheckpointManifest, ManifestRef } from './checkpoint-manifest.ts'
import type { RestoredCheckpoint } from './restore-checkpoint.ts'
import { uploadStableFile } from './upload-stable-file.ts'

interface StoredFile extends CheckpointFile {
  readonly fingerprint: string
}

const MAX_PASSES = 3
const UPLOADS_AT_ONCE = 8

export class CheckpointSync {
  readonly #attempt: Attempt
  readonly #restored: RestoredCheckpoint | undefined
  readonly #stopping = new AbortController()
  readonly #unstable = new Set<string>()
  #recorded = new Map<string, StoredFile>()
  #last: ManifestRef | undefined
  #number = 0
  #running: Promise<void> | undefined

  constructor(attempt: Attempt, restored: RestoredCheckpoint | undefined) {
    this.#attempt = attempt
    this.#restored = restored
    this.#last = restored?.ref
  }

  /** Begins to sync, unless the job wants no checkpoints. */
  start(): void {
    if (this.#attempt.job.checkpointSeconds > 0) this.#running = this.#run()
  }

  /** After the group has ended: the last round, unless no further attempt can follow. */
  async finish(result: RunResult): Promise<void> {
    this.#stopping.abort()
    await this.#running
    if (this.#running === undefined || this.#attempt.control.isLost) return
    const mayFollow = result.kind !== 'outcome' || result.outcome.retryable
    if (mayFollow) await this.#tryRound()
  }

  async #run(): Promise<void> {
    const { deps, job } = this.#attempt
    const { signal } = this.#stopping
    await this.#adoptRestored()
    while (!signal.aborted) {
      await deps.clock.sleep(job.checkpointSeconds * 1000, signal)
      if (!signal.aborted) await this.#tryRound()
    }
  }

  /** What was just restored need not be uploaded again. */
  async #adoptRestored(): Promise<void> {
    const { checkpointDir } = this.#attempt.folder
    for (const file of this.#restored?.manifest.files ?? []) {
      const scanned = await lookAt(checkpointDir, file.path)
      if (scanned?.bytes !== file.bytes) continue
      this.#recorded.set(file.path, { ...file, fingerprint: scanned.fingerprint })
    }
  }

  async #tryRound(): Promise<void> {
    try {
      await this.#round()
    } catch (error) {
      this.#attempt.log.warn('checkpoint not stored', { error: String(error) })
      this.#attempt.jobLog.system('a checkpoint could not be stored; the one before it counts')
    }
  }

  async #round(): Promise<void> {
    const files = new Map<string, StoredFile>()
    const number = this.#number + 1
    let scan = await this.#scan()
    if (this.#isUnchanged(scan)) return
    this.#number = number // also when the round fails: no key is ever written twice
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      await this.#copyChanged(scan, files, `${this.#prefixOf(number)}files/${pass}/`)
      const again = await this.#scan()
      if (isSameSet(again, files)) break
      scan = again
    }
    dropVanished(files, scan)
    this.#noteUnstable(scan, files)
    if (files.size > 0 || this.#recorded.size > 0) await this.#record(number, files)
  }

  async #scan(): Promise<readonly ScannedFile[]> {
    const { root, files } = await scanFolder(this.#attempt.folder.checkpointDir)
    if (root !== 'folder') throw new Error('the checkpoint folder is not a folder any more')
    return files
  }

  #isUnchanged(scan: readonly ScannedFile[]): boolean {
    return isSameSet(scan, this.#recorded)
  }

  #prefixOf(number: number): string {
    return checkpointPrefix(this.#attempt.prefix, number)
  }

  async #copyChanged(
    scan: readonly ScannedFile[],
    files: Map<string, StoredFile>,
    prefix: string,
  ): Promise<void> {
    const changed = scan.filter((file) => files.get(file.path)?.fingerprint !== file.fingerprint)
    const copies = await mapAtOnce(changed, UPLOADS_AT_ONCE, async ({ path, fingerprint }) => {
      const earlier = this.#recorded.get(path)
      const copy = earlier?.fingerprint === fingerprint ? earlier : await this.#upload(path, prefix)
      return copy ?? files.get(path) ?? earlier
    })
    for (const copy of copies) if (copy !== undefined) files.set(copy.path, copy)
  }

  async #upload(path: string, prefix: string): Promise<StoredFile | undefined> {
    const { deps, folder } = this.#attempt
    const key = `${prefix}${path}`
    const where = { folder: folder.checkpointDir, path, key }
    const copy = await retryWhileHeld(this.#attempt, () =>
      uploadStableFile(deps.files, where, () => deps.clock.now()),
    )
    if (copy === undefined) return undefined
    const { scanned, sha256 } = copy
    return { path, key, bytes: scanned.bytes, sha256, fingerprint: scanned.fingerprint }
  }

  /** Once for each file, not once for each round. */
  #noteUnstable(scan: readonly ScannedFile[], files: ReadonlyMap<string, StoredFile>): void {
    for (const { path, fingerprint } of scan) {
      const isStable = files.get(path)?.fingerprint === fingerprint
      if (isStable || this.#unstable.has(path)) continue
      this.#unstable.add(path)
      const what = files.has(path) ? 'its earlier copy counts' : 'it is left out for now'
      this.#attempt.jobLog.system(`checkpoint: ${path} kept changing while it was copied; ${what}`)
    }
  }

  async #record(number: number, files: Map<string, StoredFile>): Promise<void> {
    const { deps, job } = this.#attempt
    const holder = { workerId: deps.workerId, attempt: job.attempt }
    const manifestKey = await this.#storeManifest(number, files)
    const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes, 0)
    const at = toTimestamp(deps.clock.now())
    const checkpoint = { attempt: job.attempt, number, manifestKey, bytes, at }
    const recorded = await retryWhileHeld(this.#attempt, () =>
      changeJob(deps.table, { id: job.id }, (now) => recordCheckpoint(now, holder, checkpoint)),
    )
    if (!recorded.ok) return // no longer ours: it counts for nothing
    this.#recorded = files
    this.#last = { attempt: job.attempt, number, manifestKey }
  }

  async #storeManifest(number: number, files: Map<string, StoredFile>): Promise<string> {
    const { deps, job } = this.#attempt
    const manifest: CheckpointManifest = {
      jobId: job.id,
      attempt: job.attempt,
      number,
      files: [...files.values()].map(({ fingerprint: _fingerprint, ...file }) => file),
      ...(this.#last && { previous: this.#last }),
    }
    const key = `${this.#prefixOf(number)}manifest.json`
    const put = { key, body: JSON.stringify(manifest), contentType: 'application/json' }
    await retryWhileHeld(this.#attempt, () => deps.files.put(put))
    return key
  }
}

function isSameSet(scan: readonly ScannedFile[], files: ReadonlyMap<string, StoredFile>): boolean {
  if (scan.length !== files.size) return false
  return scan.every(({ path, fingerprint }) => files.get(path)?.fingerprint === fingerprint)
}

function dropVanished(files: Map<string, StoredFile>, scan: readonly ScannedFile[]): void {
  const present = new Set(scan.map(({ path }) => path))
  for (const path of files.keys()) if (!present.has(path)) files.delete(path)
}
