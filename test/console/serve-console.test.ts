import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { serveConsole } from '../../lib/console/serve-console.ts'
import { END_REASONS } from '../../lib/job/reasons.ts'
import { SCALING_REASONS } from '../../lib/scaling/scaling-reasons.ts'

const FOLDER = join(import.meta.dirname, '../../lib/console/page')
const get = (path: string, method = 'GET') =>
  serveConsole(new Request(`http://console.test${path}`, { method }))

describe('serveConsole', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/console', 'text/html; charset=utf-8'],
    ['/console/main.js', 'text/javascript; charset=utf-8'],
    ['/console/styles/console.css', 'text/css; charset=utf-8'],
    ['/console/icon.svg', 'image/svg+xml'],
    ['/console/reasons.json', 'application/json'],
  ])('%s comes as %s, under a policy that allows nothing from elsewhere', async (path, type) => {
    const response = await get(path)
    expect(response?.status).toBe(200)
    expect(response?.headers.get('content-type')).toBe(type)
    const policy = response?.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(response?.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each(['/jobs', '/service', '/consoles', '/api/predict/x', '/index.html'])(
    '%s is left to the API',
    async (path) => {
      expect(await get(path)).toBeUndefined()
    },
  )

  test.each([
    '/console/serve-console.ts',
    '/console/absent.js',
    '/console/%2e%2e/cli/command.ts',
    '/console/..%2fpackage.json',
    '/console//etc/passwd.js',
    '/console/.hidden.js',
    '/console/a/../../x.js',
    '/console/job/../main.js/x.js',
    '/console/job/job/job-view.js',
    '/console/.job/job-view.js',
  ])('%s gives nothing away', async (path) => {
    const response = await get(path)
    expect([undefined, 404]).toContain(response?.status)
  })

  test('only GET and HEAD', async () => {
    expect((await get('/', 'POST'))?.status).toBe(405)
    const head = await get('/console/main.js', 'HEAD')
    expect(await head?.text()).toBe('')
  })

  test('knows a sentence for every reason', async () => {
    const sentences = (await (await get('/console/reasons.json'))?.json()) as Record<string, string>
    expect(sentences).toEqual({ ...END_REASONS, ...SCALING_REASONS })
  })
})

describe('the files of the page', async () => {
  const files = await readdir(FOLDER, { recursive: true })
  const names = files.filter((name) => /\.(html|css|js|svg)$/.test(name))

  test.each(names)(
    '%s loads nothing from elsewhere and never turns data into markup',
    async (name) => {
      const text = await readFile(join(FOLDER, name), 'utf8')
      expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//)
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
      expect(text).not.toMatch(/ style="| on\w+="/)
    },
  )

  test.each(names)('all that %s names is there', async (name) => {
    const text = await readFile(join(FOLDER, name), 'utf8')
    const named = text.matchAll(/from '(\.[\w/.-]+\.js)'|"\/console\/([\w/.-]+)"/g)
    const missing = [...named].map(([, module, file]) => {
      return module === undefined ? (file ?? '') : join(dirname(name), module)
    })
    expect(missing.filter((each) => !names.includes(each))).toEqual([])
  })
})
