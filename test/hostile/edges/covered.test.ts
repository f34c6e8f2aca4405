import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const FOLDERS = ['lib', 'lambdas', 'worker']
/** What takes apart something that came in, by its name. */
const PARSER =
  /export (?:async )?function (?:parse|decode|read[A-Z]\w*(?:Json|Query|Error|Manifest|Arn|Settings|Options)|\w+FromEnv|split(?:Put|Tag)|find\w*Mistake|verify|toRequest|toRow\b)/

/** Tried elsewhere than in this folder, or nothing from outside. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'lib/parsing/parse-with-schema.ts': 'below every schema that is tried here',
  'lib/service/parse-service-config.ts': 'test/hostile/service-json, by its text',
  'lib/parsing/checks.ts': 'below every reader of a worker that is tried here',
  'lib/adapters/sqlite/list-rows.ts': 'rows of a database that is ours alone',
  'lib/client/read-json.ts': 'by every command of command-line.test.ts',
  'lib/service/read-service-file.ts': 'test/hostile/service-json, by the start command',
}

test('every parser of something from outside is tried with hostile input', () => {
  const tests = sourcesBelow('test/hostile')
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
  const forgotten = FOLDERS.flatMap(sourcesBelow)
    .filter((file) => PARSER.test(readFileSync(join(ROOT, file), 'utf8')))
    .filter((file) => !tests.includes(`/${file}'`) && ELSEWHERE[file] === undefined)
  expect(forgotten).toEqual([])
})

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}
