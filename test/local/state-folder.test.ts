import { readWorkerService } from '../../lib/service/serialised-service.ts'
import { aService, aServiceJson } from '../support/a-service.ts'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError } from '../../lib/registry/errors.ts'
import { makeLocalFolders } from '../../lib/local/state/local-folders.ts'
import { readOrMakeSecret } from '../../lib/local/state/read-or-make-secret.ts'
import {
  findVersionFile,
  upcastVersionFiles,
  writeVersionFile,
} from '../../lib/local/state/version-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function refusalOf(action: () => unknown): ServiceError {
  try {
    action()
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the state folder', () => {
  test('is made, readable by its owner only, and kept as it is afterwards', () => {
    const { state } = makeLocalFolders(join(folder, 'state'))
    expect(statSync(state).mode & 0o777).toBe(0o700)
    expect(readdirSync(state).toSorted()).toEqual(['uploads', 'versions', 'work', 'worker-program'])
    writeFileSync(join(state, 'mine'), '')
    makeLocalFolders(state)
    expect(existsSync(join(state, 'mine'))).toBe(true)
  })

  test.each([
    ['a file', 'file', 'exists and is not a folder'],
    ['below a file', 'file/state', 'which is not a folder'],
    ['below a folder that is not there', 'absent/state', 'mkdir -p'],
    ['below /proc, where none can be made', '/proc/nope', 'cannot be created'],
    ['far below /proc', '/proc/nope/state', 'mkdir -p'],
  ])('that is %s is refused at once, with the path and what helps', (_what, path, words) => {
    writeFileSync(join(folder, 'file'), '')
    const given = path.startsWith('/') ? path : join(folder, path)
    const { code, message, details } = refusalOf(() => makeLocalFolders(given))
    expect(code).toBe('unusable-state')
    expect(message).toContain(given)
    expect(message + String(details[0]?.allowed)).toContain(words)
  })
})

describe('a secret', () => {
  test('is made once, for its owner only, and stays', () => {
    const path = join(folder, 'token')
    const secret = readOrMakeSecret(path)
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readOrMakeSecret(path)).toBe(secret)
    expect(readdirSync(folder)).toEqual(['token'])
  })

  test.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    ['two\nlines', 'is not one line'],
  ])(
    'file with %j is refused, with what helps, and never served as no token at all',
    (text, why) => {
      const path = join(folder, 'token')
      writeFileSync(path, text)
      const { message, details } = refusalOf(() => readOrMakeSecret(path))
      expect(message).toContain(`${path} ${why}`)
      expect(details[0]?.allowed).toContain('remove the file')
    },
  )
})

describe('the file of a worker version', () => {
  const open = () => {
    const versions = join(folder, 'versions')
    mkdirSync(versions)
    return versions
  }

  test('is replaced in one step: whoever has it open reads the one it opened', () => {
    const versions = open()
    const path = writeVersionFile(versions, aService({ version: 'v1' }))
    const before = statSync(path).ino
    const again = writeVersionFile(versions, aService({ token: 'a-secret', version: 'v1' }))
    expect(again).toBe(findVersionFile(versions, 'v1'))
    expect(statSync(path).ino).not.toBe(before)
    expect(readFileSync(path, 'utf8')).not.toContain('a-secret')
    expect(readdirSync(versions)).toEqual(['v1.json'])
  })

  test('of a release that kept a service.json is brought into the form of today', () => {
    const versions = open()
    const service = aService()
    const path = join(versions, `${service.version}.json`)
    writeFileSync(path, JSON.stringify(aServiceJson()))
    writeFileSync(join(versions, 'damaged.json'), '{')
    upcastVersionFiles(versions)
    const text = readFileSync(findVersionFile(versions, service.version), 'utf8')
    expect(service).toMatchObject(readWorkerService(text, path))
    upcastVersionFiles(versions)
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(readFileSync(join(versions, 'damaged.json'), 'utf8')).toBe('{')
  })

  test('that is not there is named by its version', () => {
    expect(() => findVersionFile(open(), 'v9')).toThrow(/v9/)
  })
})
