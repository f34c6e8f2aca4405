import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
const named = new Set([...page.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name))

function foldersOf(room: string): string[] {
  return readdirSync(join(ROOT, room), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${room}/${name}`)
}

test('every room of the product is told of on the page', () => {
  const rooms = [...foldersOf('lib'), ...foldersOf('lib/adapters'), ...foldersOf('worker')]
  expect(rooms.filter((room) => !named.has(room))).toEqual([])
})

test('every path on the page is there', () => {
  const paths = [...named].filter((name) =>
    /^(bin|lib|lambdas|worker|test|tools|docs)\b/.test(name),
  )
  expect(paths.length).toBeGreaterThan(50)
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test.each(['README.md', 'CONTRIBUTING.md'])('%s leads to the page', (file) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain('docs/architecture.md')
})
