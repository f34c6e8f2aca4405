import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { ROOT, TYPES, writeOutput } from './output.ts'

/** What a program may import from the package. */
const ENTRIES = ['lib/index.ts', 'lib/cdk/index.ts']
const IMPORT = /((?:from|import)\s*\(?')(\.[^']+)\.ts'/g

/**
 * Writes the types of the package: those of its entries and all that they name, and nothing else.
 *
 * @throws Error of the compiler
 */
export function writeDeclarations(): void {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'))
  try {
    emit(folder)
    rmSync(TYPES, { recursive: true, force: true })
    const found = new Set(ENTRIES)
    // A set that grows while it is walked is walked to its end.
    for (const source of found) {
      const name = source.replace(/\.ts$/, '.d.ts')
      const text = readFileSync(join(folder, name), 'utf8')
      for (const [, , target = ''] of text.matchAll(IMPORT)) {
        found.add(`${join(dirname(source), target)}.ts`)
      }
      writeOutput(join(TYPES, name), Buffer.from(text.replaceAll(IMPORT, "$1$2.js'")))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function emit(outDir: string): void {
  const config = join(outDir, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir,
    rootDir: ROOT,
    typeRoots: [join(ROOT, 'node_modules/@types')],
  }
  const files = ENTRIES.map((entry) => relative(outDir, join(ROOT, entry)))
  const text = JSON.stringify({
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions,
    include: [],
    files,
  })
  writeFileSync(config, text)
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', config], { stdio: 'inherit' })
}
