/**
 * What a guard writes down of the processes that it started, for whoever has to end them should
 * worker and guard be killed at one moment: one file a guard, one line a process, first the leader
 * of the session, then those that left it. Lines are only added, so that a kill spoils the last one
 * at most. Only where there is `/proc`.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../adapters/node/replace-file.ts'
import type { ProcessIdentity } from './read-process.ts'

const MAX_BYTES = 1_048_576

export class GroupRecord {
  readonly #file: string | undefined
  /** Lines of the last look only: a process that is gone is not met again. */
  #noted = new Set<string>()
  #leader = ''
  #bytes = 0

  /** @param file absent where nobody reads it */
  constructor(file: string | undefined) {
    this.#file = process.platform === 'linux' ? file : undefined
  }

  /** @throws when it cannot be written */
  addLeader(leader: ProcessIdentity): void {
    this.#leader = toLine(leader)
    this.add([leader])
  }

  /**
   * Writes each process down once.
   *
   * @throws when it cannot be written
   */
  add(members: readonly ProcessIdentity[]): void {
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
    replaceFile(file, whole)
    this.#bytes = whole.length
  }

  /** What the guard has noted; nothing where it started nothing. */
  read(): ProcessIdentity[] {
    if (this.#file === undefined) return []
    try {
      return parseRecordLines(readFileSync(this.#file, 'latin1'))
    } catch {
      return []
    }
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

function toLine({ pid, start }: ProcessIdentity): string {
  return `${pid} ${start}\n`
}

/** A line that a kill cut off, and a line of another form, are left out. */
export function parseRecordLines(text: string): ProcessIdentity[] {
  return [...text.matchAll(/^([1-9]\d*) (\S+)\n/gm)].map(([, pid, start = '']) => {
    return { pid: Number(pid), start }
  })
}

export function makeRecordFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

/**
 * What all guards of a folder have noted.
 *
 * @throws the fault, when a record is there but cannot be read: that is not "nothing runs"
 */
export async function readRecordFolder(folder: string): Promise<ProcessIdentity[]> {
  const names = (await unlessAbsent(readdir(folder))) ?? []
  const texts = names.map((name) => unlessAbsent(readFile(join(folder, name), 'latin1')))
  return (await Promise.all(texts)).flatMap((text) => parseRecordLines(text ?? ''))
}

/** Never fails: a record of processes that are gone does no harm. */
export async function removeRecordFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
