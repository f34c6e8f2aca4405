import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

const BASE = ['lib/registry', 'lib/parsing', 'lib/pace']
const SUBJECTS = [...BASE, 'lib/service', 'lib/job', 'lib/scaling']
const STORES = [...SUBJECTS, 'lib/ports', 'lib/job/store', 'lib/scaling/store']

/** Room → the rooms that it may import. Rooms below others stand first. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // The package's own version stands nowhere else.
  'lib/registry': ['package.json'],
  'lib/pace': [],
  'lib/parsing': ['lib/registry'],
  'lib/job': BASE,
  'lib/scaling': [...BASE, 'lib/job'],
  'lib/service': SUBJECTS,
  'lib/ports': SUBJECTS,
  'lib/job/store': STORES,
  'lib/scaling/store': STORES,
  'lib/adapters/node': ['lib/registry', 'lib/ports', 'lib/pace'],
  'lib/processes': [...SUBJECTS, 'lib/ports', 'lib/adapters/node'],
  'lib/adapters/aws': [...SUBJECTS, 'lib/ports', 'lib/adapters/node'],
  'lib/adapters/sqlite': [...SUBJECTS, 'lib/ports', 'lib/adapters/node'],
  'lib/adapters/folder': [...SUBJECTS, 'lib/ports', 'lib/adapters/node', 'lib/adapters/sqlite'],
  'lib/adapters/child-processes': [...SUBJECTS, 'lib/ports', 'lib/processes', 'lib/adapters/node'],
  'lib/adapters': ['lib/ports', 'lib/adapters/sqlite', 'lib/adapters/folder', 'lib/adapters/node'],
  'lib/scaler': STORES,
  'lib/api/contract': SUBJECTS,
  'lib/api': [...STORES, 'lib/api/contract'],
  'lib/client': [...SUBJECTS, 'lib/api/contract'],
  // Of the page only how sizes and spans are written.
  'lib/cli': [...SUBJECTS, 'lib/api/contract', 'lib/client', 'lib/console'],
  'lib/console': [...SUBJECTS, 'lib/api/contract'],
  // The app has the feature flags of the command line.
  'lib/cdk': [...SUBJECTS, 'lib/ports', 'lib/api/contract', 'cdk.json'],
  worker: [...STORES, 'lib/processes'],
}
/** They put the service together, so they choose the adapters and see every room below. */
const ENTRY_ROOMS = ['lambdas', 'worker/main.ts', 'worker/start', 'lib/local', 'lib/index.ts']
/** Rooms within rooms, with rules of their own. */
const INNER = ['lib/job/store', 'lib/scaling/store', 'lib/api/contract', 'worker/start']

function roomOf(path: string): string {
  const inner = INNER.find((each) => path.startsWith(`${each}/`))
  if (inner !== undefined) return inner
  if (ENTRY_ROOMS.includes(path)) return path
  const parts = path.split('/')
  if (parts[0] !== 'lib') return parts[0] ?? ''
  return parts.slice(0, parts[1] === 'adapters' && parts.length > 3 ? 3 : 2).join('/')
}

/** Imports of types count too. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const found = text.matchAll(/(?:from|import\(|import)\s*'(\.[^']+)'/g)
  return [...found].map(([, target]) => {
    return relative(ROOT, resolve(ROOT, dirname(path), target ?? ''))
  })
}

describe('imports point down only, so that every room can be read and tested on its own', () => {
  const files = globSync('{lib,lambdas,worker}/**/*.{ts,js}', { cwd: ROOT })

  test.each(Object.keys(MAY_IMPORT))('%s', (room) => {
    const wrong = files
      .filter((path) => roomOf(path) === room)
      .flatMap((path) => {
        const allowed = [room, ...(MAY_IMPORT[room] ?? [])]
        return importsOf(path)
          .filter((target) => !allowed.includes(roomOf(target)))
          .map((target) => `${path} imports ${target}`)
      })
    expect(wrong).toEqual([])
  })

  test('every room has its line here, but those that put the service together', () => {
    const rooms = new Set(files.map(roomOf))
    const known = [...Object.keys(MAY_IMPORT), ...ENTRY_ROOMS]
    expect([...rooms].filter((room) => !known.includes(room))).toEqual([])
  })

  test('a room that puts the service together is imported by another such one alone', () => {
    const below = files.filter((path) => !ENTRY_ROOMS.includes(roomOf(path)))
    const wrong = below.filter((path) => {
      return importsOf(path).some((target) => ENTRY_ROOMS.includes(roomOf(target)))
    })
    expect(wrong).toEqual([])
  })
})
