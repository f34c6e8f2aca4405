import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { parseRecordLines, toRecordLine, toStart } from '../../lib/core/group-record.ts'
import type { ProcessStat } from '../../lib/core/process-stat.ts'
import { readStat } from './group-members.ts'

/**
 * The file in which a guard notes what it started, for the supervisor of this machine: a kill of
 * worker and guard at one moment would leave nobody else who knows. Not where there is no `/proc`.
 */
export class GroupRecord {
  readonly #file: string | undefined
  readonly #noted = new Set<string>()

  constructor(file: string | undefined) {
    this.#file = process.platform === 'linux' ? file : undefined
  }

  /**
   * Each process once.
   *
   * @throws when it cannot be written
   */
  add(members: readonly ProcessStat[]): void {
    if (this.#file === undefined) return
    const lines = members
      .map(({ pid, startTicks }) => toRecordLine({ pid, start: toStart(readBootId(), startTicks) }))
      .filter((line) => !this.#noted.has(line))
    if (lines.length === 0) return
    appendFileSync(this.#file, lines.join(''), { mode: 0o600 })
    for (const line of lines) this.#noted.add(line)
  }

  /** What a guard that is gone has noted since the machine booted. */
  read(): Pick<ProcessStat, 'pid' | 'startTicks'>[] {
    if (this.#file === undefined) return []
    const ofThisBoot = toStart(readBootId(), '')
    return parseRecordLines(readIfThere(this.#file))
      .filter(({ start }) => start.startsWith(ofThisBoot))
      .map(({ pid, start }) => ({ pid, startTicks: start.slice(ofThisBoot.length) }))
  }

  /** @throws when it cannot be written */
  addLeader(pid: number): void {
    const stat = readStat(pid)
    if (stat !== undefined) this.add([stat])
  }

  /** Nothing of the group runs any more. */
  remove(): void {
    if (this.#file === undefined) return
    try {
      rmSync(this.#file, { force: true })
    } catch {
      // Its processes are gone, so that it names nobody.
    }
  }
}

let bootId: string | undefined

function readBootId(): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
  return bootId
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // nothing was started
  }
}
