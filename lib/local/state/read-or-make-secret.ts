import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { ServiceError } from '../../registry/errors.ts'
import { writeDurably } from '../../adapters/node/write-durably.ts'

/**
 * A secret that stays the same over restarts, in a file that only its owner may read.
 *
 * @returns URL-safe text of 32 random bytes, or what the file holds already
 * @throws ServiceError `unusable-state` when the file is there and holds no secret
 */
export function readOrMakeSecret(path: string): string {
  const secret = read(path) ?? make(path)
  if (/^[\x21-\x7e]+$/.test(secret)) return secret
  const problem = secret === '' ? 'is empty' : 'is not one line of visible ASCII'
  throw new ServiceError('unusable-state', `the secret in ${path} ${problem}`, {
    details: [
      { path, problem, allowed: 'remove the file: the next start makes a new secret in it' },
    ],
  })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole before it gets its name; of two processes that start at once both read the same. */
function make(path: string): string {
  const secret = randomBytes(32).toString('base64url')
  const whole = `${path}.${randomBytes(8).toString('hex')}`
  try {
    writeDurably(whole, secret)
    nameFile(whole, { path, secret })
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readFileSync(path, 'utf8').trim()
  } finally {
    rmSync(whole, { force: true })
  }
}

/** File systems without hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** Refused with EEXIST when the name is taken. */
function nameFile(whole: string, { path, secret }: { path: string; secret: string }): void {
  try {
    linkSync(whole, path)
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    writeFileSync(path, secret, { flag: 'wx', mode: 0o600 })
  }
}
