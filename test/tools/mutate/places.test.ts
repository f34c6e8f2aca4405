import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AREAS, areaOf, countsFor } from '../../../tools/mutate/areas.ts'
import { applyEdit, findPlaces, parse } from '../../../tools/mutate/find-places.ts'
import { nearestTests, readImports } from '../../../tools/mutate/import-graph.ts'
import { OPERATORS } from '../../../tools/mutate/operators.ts'
import { pickPlaces } from '../../../tools/mutate/pick-places.ts'
import { listFiles } from '../../../tools/mutate/scratch-tree.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const files = listFiles(ROOT)
const sources = files.filter((file) => file.endsWith('.ts') && areaOf(file) !== undefined)
const sourceOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const places = sources.flatMap((file) => findPlaces(file, sourceOf(file)))

/** What each operator makes of one line. */
function faultsIn(line: string): string[] {
  return findPlaces('a.ts', line).map((place) => `${place.operator}: ${applyEdit(line, place)}`)
}

describe('a fault', () => {
  test.each([
    ['const a = b + c', ['arith: const a = b - c']],
    ["const a = 'x' + c", []],
    ['a(b < c)', ['rmcall: ;', 'cmp: a(b <= c)', 'cmp: a(b >= c)']],
    ['const a = b && c', ['logic: const a = b || c']],
    ['const a = b ?? c', ['nullish: const a = (c)']],
    ['const a = true', ['bool: const a = false']],
    ['const a = 4', ['number: const a = 5']],
    ['if (a) b = c', ['neg: if (!(a)) b = c', 'rmassign: if (a) ;']],
    ['for (;;) if (a) break', ['neg: for (;;) if (!(a)) break', 'rmguard: for (;;) ;']],
    ['const a = { ...b, c }', ['spread: const a = {  c }', 'spread: const a = { ...b,  }']],
    ['await a', ['await: void a']],
    ['try { } finally { let a }', ['finally: try { } finally {}']],
    ["type A = 'queued'; const a = 'idle' as A", ['starting', 'busy', 'draining'].map(statusOf)],
    ["throw new Error('a' + (b ? 1 : 2))", []],
  ])('in %s', (line, faults) => {
    expect(faultsIn(line)).toEqual(faults)
  })

  test('that ends a function early stands only where the function returns nothing', () => {
    expect(faultsIn('const a = () => { let b; c() }')[0]).toContain('let b; if (1 > 0) return')
    expect(faultsIn('const a = () => { c(); return 1 }').join()).not.toContain('early')
  })

  test('of each kind is found in the product, and leaves valid code', () => {
    expect(new Set(places.map(({ operator }) => operator))).toEqual(new Set(Object.keys(OPERATORS)))
    const drawn = pickPlaces(places, { areas: AREAS, count: 400, seed: 3 })
    for (const place of drawn) {
      const faulty = applyEdit(sourceOf(place.file), place)
      expect(() => parse(place.file, faulty)).not.toThrow()
    }
  })
})

function statusOf(word: string): string {
  return `status: type A = 'queued'; const a = '${word}' as A`
}

describe('a draw', () => {
  const draw = (seed: number, count = 150) => pickPlaces(places, { areas: AREAS, count, seed })

  test('is the same for the same seed, and another one for another seed', () => {
    expect(draw(42)).toEqual(draw(42))
    expect(draw(43)).not.toEqual(draw(42))
  })

  test('has as many places as asked for, spread over all areas, and none twice', () => {
    const drawn = draw(42)
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(150)
    const byArea = [...Map.groupBy(drawn, ({ area }) => area)]
    expect(byArea.map(([area, own]) => [area, own.length])).toEqual([...countsFor(AREAS, 150)])
  })

  test('takes each file of an area before it takes one twice', () => {
    const drawn = draw(42).filter(({ area }) => area === 'aws')
    expect(new Set(drawn.map(({ file }) => file)).size).toBe(drawn.length)
  })
})

describe('the tests of a file', () => {
  const graph = readImports(ROOT, files)

  test('are found for every file of every area', () => {
    const without = sources.filter(
      (file) =>
        findPlaces(file, sourceOf(file)).length > 0 && nearestTests(graph, file).length === 0,
    )
    expect(without).toEqual([])
  })

  test('come nearest first', () => {
    const [first] = nearestTests(graph, 'lib/scaling/decide.ts')
    expect(first).toMatch(/^test\/scaling\//)
  })
})
