import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** Layer → the layers that it may import. Entry files may also import adapters. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // The package's own version stands nowhere else.
  'lib/core': ['package.json'],
  'lib/ports': ['lib/core'],
  'lib/jobs': ['lib/core', 'lib/ports'],
  'lib/aws': ['lib/core', 'lib/ports'],
  'lib/embedded': ['lib/core', 'lib/ports'],
  'lib/cli': ['lib/core'],
  'lib/console': ['lib/core'],
  'lib/worker-program': [],
  'lib/constructs': ['lib/core', 'lib/ports', 'lib/worker-program'],
  lambdas: ['lib/core', 'lib/ports', 'lib/jobs'],
  worker: ['lib/core', 'lib/ports', 'lib/jobs'],
}
/** The only files that choose between the adapters. */
const ENTRY_FILES = [
  'worker/main.ts',
  'worker/open-store.ts',
  'worker/beats/beat-thread.ts',
  'lambdas/api/handler.ts',
  'lambdas/scaler/handler.ts',
  'lambdas/authorizer/handler.ts',
]
const ADAPTERS = ['lib/aws', 'lib/embedded']

function layerOf(path: string): string {
  const parts = path.split('/')
  return parts[0] === 'lib' ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const found = text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)
  return [...found].map(([, target]) => {
    return relative(ROOT, resolve(ROOT, dirname(path), target ?? ''))
  })
}

describe('imports point down only, so that every part can be read and tested on its own', () => {
  const files = globSync('{lib,lambdas,worker}/**/*.ts', { cwd: ROOT })
  test.each(Object.keys(MAY_IMPORT))('%s', (layer) => {
    const wrong = files
      .filter((path) => layerOf(path) === layer)
      .flatMap((path) => {
        const adapters = ENTRY_FILES.includes(path) ? ADAPTERS : []
        const allowed = [layer, ...(MAY_IMPORT[layer] ?? []), ...adapters]
        return importsOf(path)
          .filter((target) => !allowed.includes(layerOf(target)))
          .map((target) => `${path} imports ${target}`)
      })
    expect(wrong).toEqual([])
  })

  test('nothing imports lib/local but the command line entry and the scripts', () => {
    const outside = files.filter((path) => layerOf(path) !== 'lib/local')
    const wrong = outside.filter((path) => importsOf(path).some((t) => layerOf(t) === 'lib/local'))
    expect(wrong).toEqual([])
  })
})
