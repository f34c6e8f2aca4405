import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { parseRecordLines, toRecordLine, toStart } from './group-record-line.ts'
import type { ProcessStat } from './process-stat.ts'
import { readStat } from './group-members.ts'

/**
 * The file in which a guard notes what it started, for the supervisor of this machine: a kill of
 * worker and guard at one moment would leave nobody else who knows. Not where there is no `/proc`.
 */
export class GroupRecord {
  readonly #file: string | undefined
  /** Of the last look only: who is gone is not met again. */
  #noted = new Set<string>()
  #leader = ''
  #bytes = 0

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
    const seen = new Set(members.map(toLine))
    const fresh = [...seen].filter((line) => !this.#noted.has(line)).join('')
    if (fresh !== '') this.#write(this.#file, { fresh, seen })
    this.#noted = seen
  }

  /** A job may live for weeks and leave short-lived children behind all the time. */
  #write(file: string, { fresh, seen }: { fresh: string; seen: ReadonlySet<string> }): void {
    if (this.#bytes + fresh.length <= MAX_BYTES) {
      appendFileSync(file, fresh, { mode: 0o600 })
      this.#bytes += fresh.length
      return
    }
    const whole = [this.#leader, ...seen].join('')
    writeFileSync(`${file}.new`, whole, { mode: 0o600 })
    renameSync(`${file}.new`, file)
    this.#bytes = whole.length
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
    if (stat === undefined) return
    this.#leader = toLine(stat)
    this.add([stat])
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

const MAX_BYTES = 1_048_576

function toLine({ pid, startTicks }: Pick<ProcessStat, 'pid' | 'startTicks'>): string {
  return toRecordLine({ pid, start: toStart(readBootId(), startTicks) })
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
