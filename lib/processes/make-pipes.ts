import { execFile } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

/** One end to read here, one file descriptor for a child to write to. */
export interface Pipe {
  readonly readable: Readable
  readonly writeFd: number
}

const MKFIFO_TIMEOUT_MS = 5000
/** A command of another user opens `/dev/stdout` too. Nobody else gets into the folder. */
const WRITTEN_BY_ANYBODY = '622'

/**
 * Two real pipes. Node's own `stdio: 'pipe'` makes sockets, and a program that opens
 * `/dev/stdout` or `/dev/stderr` (`tee /dev/stderr`, many shell scripts) fails on a socket.
 *
 * @returns undefined where the image has no `mkfifo`; the caller then uses Node's sockets
 */
export async function makePipes(): Promise<readonly [Pipe, Pipe] | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'scalable-job-pipes-'))
  const names = [join(folder, 'out'), join(folder, 'err')] as const
  try {
    const mode = ['-m', WRITTEN_BY_ANYBODY]
    await promisify(execFile)('mkfifo', [...mode, ...names], { timeout: MKFIFO_TIMEOUT_MS })
    return [openPipe(names[0]), openPipe(names[1])]
  } catch {
    return undefined
  } finally {
    // Both ends are open: the names are no longer needed.
    await rm(folder, { recursive: true, force: true })
  }
}

function openPipe(name: string): Pipe {
  // Open the reader first, without blocking: opening the writer blocks until there is one.
  const readFd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeFd = openSync(name, constants.O_WRONLY)
  return { readable: new Socket({ fd: readFd, readable: true, writable: false }), writeFd }
}

export function closeWriteEnds(pipes: readonly Pipe[]): void {
  for (const { writeFd } of pipes) closeSync(writeFd)
}
