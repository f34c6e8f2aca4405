import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { DIST, ROOT, writeOutput } from './output.ts'

/** CommonJS packages inside a module look for `require`. */
const REQUIRE_BANNER =
  "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);"

/** The same sources give the same bytes, so that a hash says whether a program changed. */
const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  outdir: DIST,
  write: false,
  bundle: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  // Names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  banner: { js: REQUIRE_BANNER },
  logLevel: 'warning',
}

/** What runs on the user's own Node, and brings everything along but CDK. */
const PACKAGE: BuildOptions = {
  ...COMMON,
  entryPoints: {
    'scalable-job': 'bin/scalable-job.ts',
    app: 'bin/app.ts',
    index: 'lib/index.ts',
    cdk: 'lib/cdk/index.ts',
  },
  splitting: true,
  chunkNames: 'chunks/[hash]',
  target: 'node20',
  external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
}

/**
 * Each becomes a file of its own: the worker finds its guard and its beat thread beside itself
 * (`worker/beats/find-beat-thread.ts`).
 */
const WORKER: BuildOptions = {
  ...COMMON,
  entryPoints: {
    main: 'worker/main.ts',
    guard: 'lib/processes/guard.ts',
    'beat-thread': 'worker/start/beat-thread.ts',
    install: 'worker/install.ts',
    'check-alive': 'worker/alive/check-alive.ts',
  },
  outdir: join(DIST, 'image/worker'),
  splitting: true,
  chunkNames: 'chunk-[hash]',
  target: 'node24',
}

/** With their SDK, so that what was tested is what runs. */
const LAMBDAS: BuildOptions = {
  ...COMMON,
  entryPoints: {
    'api/index': 'lambdas/api.ts',
    'authorizer/index': 'lambdas/authorizer.ts',
    'scaler/index': 'lambdas/scaler.ts',
  },
  outdir: join(DIST, 'lambdas'),
  outExtension: { '.js': '.mjs' },
  target: 'node24',
}

/** Source → place below `dist/`. */
const COPIES: Readonly<Record<string, string>> = {
  'worker/Dockerfile': 'image',
  'lib/console/page/**/*.{html,css,js,svg}': 'console',
  'schema/service.schema.json': 'schema',
  'examples/digits/{*.*,.dockerignore,Dockerfile}': 'examples/digits',
}

interface BuiltFile {
  readonly path: string
  readonly contents: Uint8Array
}

const MODULE_MARK: BuiltFile = {
  path: join(DIST, 'image/worker/package.json'),
  contents: Buffer.from(`${JSON.stringify({ type: 'module' })}\n`),
}

/**
 * Makes all programs, and puts beside them what they read. Files that stay the same are not touched.
 *
 * @returns the paths of all files of the build
 */
export async function buildPrograms(): Promise<string[]> {
  const results = await Promise.all([PACKAGE, WORKER, LAMBDAS].map((options) => build(options)))
  const programs = results.flatMap(({ outputFiles = [] }) => outputFiles)
  const files: BuiltFile[] = [...programs, MODULE_MARK, ...readCopies()]
  for (const { path, contents } of files) writeOutput(path, contents)
  return files.map(({ path }) => path)
}

/** The folder in which a pattern begins to match. */
function rootOf(pattern: string): string {
  return dirname(pattern.replace(/[*{].*$/, '_'))
}

function readCopies(): BuiltFile[] {
  return Object.entries(COPIES).flatMap(([pattern, folder]) => {
    return globSync(pattern, { cwd: ROOT }).map((source) => ({
      path: join(DIST, folder, relative(rootOf(pattern), source)),
      contents: readFileSync(join(ROOT, source)),
    }))
  })
}
