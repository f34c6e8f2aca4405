import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_BROWSER, openBrowser } from '../../console/open-browser.ts'
import { workerKey } from '../../../lib/job/keys.ts'
import type { JsonObject } from '../../../lib/ports/json.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../../support/a-live-api.ts'
import { waitFor } from '../../support/wait-for.ts'

const WITHIN_MS = 15_000
/** Each would set a mark if any part of the page took it for more than text. */
const PAYLOADS = [
  `<img src=x onerror="window.MARK=1">`,
  `"><script>window.MARK=2</script>`,
  `'-window.MARK=3-'`,
  `\${window.MARK=4}`,
  `</textarea><svg onload="window.MARK=5">`,
  `javascript:window.MARK=6`,
]
const EVIL = PAYLOADS.join(' ')

describe.skipIf(NO_BROWSER !== undefined)(`the console ${NO_BROWSER ?? 'in Chromium'}`, () => {
  let browser: Browser
  let page: Page
  let live: LiveApi
  let id: string
  beforeAll(async () => {
    browser = await openBrowser()
    live = await aLiveApi()
    page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(WITHIN_MS)
    id = await leaveTraps()
    await page.goto(`${live.url}/#token=${TOKEN}`)
  })
  afterAll(async () => {
    await browser.close()
    await live.close()
  })

  /** A job, its files and its worker with the traps in every text that somebody may choose. */
  async function leaveTraps(): Promise<string> {
    const body = JSON.stringify({
      taskType: 'command',
      command: EVIL,
      tags: { evil: EVIL },
      env: { EVIL },
    })
    const init = { method: 'POST', headers: { Authorization: TOKEN }, body }
    const accepted = (await (await fetch(`${live.url}/jobs`, init)).json()) as { id: string }
    await live.start(accepted.id)
    const at = new Date().toISOString()
    const logs = { stdoutBytes: 1, stderrBytes: 1, cutBytes: 1, chunks: 1 }
    await live.report(accepted.id, {
      beatAt: at,
      progress: { fraction: 0.5, note: EVIL, at },
      logs,
    } as never)
    await live.writeLog(accepted.id, 0, [{ text: EVIL }, { text: EVIL, stream: 'stderr' }])
    const listed = PAYLOADS.map((text) => ({
      path: `${text.replaceAll('/', '_')}.svg`,
      bytes: 3,
      sha256: 'x',
      contentType: 'image/svg+xml',
    }))
    for (const { path } of listed) {
      await live.keepArtifact(accepted.id, {
        path,
        body: `<svg xmlns="http://www.w3.org/2000/svg" onload="top.MARK=7"/>`,
        contentType: 'image/svg+xml',
      })
    }
    await live.keepManifest(accepted.id, listed)
    const manifestKey = `jobs/${accepted.id}/1/artifacts.json`
    await live.end(accepted.id, {
      status: 'failed',
      end: { reason: 'exit-code', message: EVIL, exitCode: 1, signal: EVIL },
      artifacts: { manifestKey, files: listed.length, bytes: 18 },
    })
    const slot = { total: 1, taken: 0 }
    const worker = {
      workerId: EVIL,
      taskId: EVIL,
      version: EVIL,
      state: 'idle',
      slots: { command: slot, query: slot },
      jobs: [],
      startedAt: at,
      beatAt: at,
      beat: 1,
      note: EVIL,
    }
    await live.table.write([
      { kind: 'put', key: workerKey('w'), data: worker as unknown as JsonObject, expect: 'any' },
    ])
    return accepted.id
  }

  async function expectHarmless(): Promise<void> {
    expect(await page.evaluate('window.MARK')).toBe(undefined)
    expect(await page.locator('[onerror], [onload], main script').count()).toBe(0)
    const targets = await page
      .locator('a')
      .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href))
    expect(targets.filter((href) => /^\s*(javascript|data|vbscript):/i.test(href))).toEqual([])
  }

  test('shows every text that somebody may choose as text: the service and its jobs', async () => {
    await page.getByText(id).first().waitFor()
    await page.getByText('<img src=x').first().waitFor()
    await expectHarmless()
  })

  test('and one job with log, note, end and artifacts', async () => {
    await page.goto(`${live.url}/#/jobs/${id}`)
    await page.locator('.log').getByText('<img src=x').first().waitFor()
    await page
      .getByRole('link', { name: /MARK=2/ })
      .first()
      .waitFor()
    await expectHarmless()
  })

  test.each([
    '#/jobs/<img src=x onerror=window.MARK=8>',
    '#/jobs/..%2f..%2fservice',
    '#token=<svg onload=window.MARK=9>',
    '#javascript:window.MARK=10',
    '#/jobs/__proto__',
  ])('and an address that somebody sends: %s', async (hash) => {
    await page.goto('about:blank')
    await page.goto(`${live.url}/${hash}`)
    await waitFor('the page', async () => ((await page.locator('main').textContent()) ?? '') !== '')
    await expectHarmless()
  })
})
