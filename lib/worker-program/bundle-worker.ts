import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { buildSync } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '../..')
/** Nothing is written there: names of the files begin with it. */
const OUT = join(ROOT, 'out')

export interface BundledFile {
  /** Below the bundle's folder. */
  readonly path: string
  readonly contents: Uint8Array
}

/**
 * Each becomes a file of its own: the worker finds its guard and its beat thread beside itself (`worker/start/programs.ts`).
 */
const PROGRAMS = {
  main: 'worker/main.ts',
  guard: 'lib/processes/guard.ts',
  'beat-thread': 'worker/beats/beat-thread.ts',
  install: 'worker/install.ts',
  'check-alive': 'worker/alive/check-alive.ts',
}

/** CommonJS packages inside a module look for `require`. */
const REQUIRE_BANNER =
  "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);"

/**
 * Bundles the worker and all that it imports into plain JavaScript for Node 24. The same sources
 * give the same bytes, so that their hash says whether the worker changed.
 */
export function bundleWorker(): BundledFile[] {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: PROGRAMS,
    outdir: OUT,
    write: false,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Names stay, so that a stack trace can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'linked',
    banner: { js: REQUIRE_BANNER },
    logLevel: 'warning',
  })
  const files = outputFiles.map(({ path, contents }) => ({ path: relative(OUT, path), contents }))
  const isModule = Buffer.from(`${JSON.stringify({ type: 'module' })}\n`)
  return [...files, { path: 'package.json', contents: isModule }]
}

/** @throws Error of the file system */
export function writeBundle(files: readonly BundledFile[], folder: string): void {
  for (const { path, contents } of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, contents)
  }
}
