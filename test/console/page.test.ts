import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../lib/client/connect.ts'
import { scalerKey, workerKey } from '../../lib/job/keys.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'
import { waitFor } from '../support/wait-for.ts'
import { collectFaults, NO_BROWSER, openBrowser } from './open-browser.ts'

const WITHIN = { timeout: 15_000 }

describe.skipIf(NO_BROWSER !== undefined)(`the console ${NO_BROWSER ?? 'in Chromium'}`, () => {
  let browser: Browser
  let api: LiveApi
  let page: Page
  let faults: string[]
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    api = await aLiveApi()
    page = await openPage()
    faults = collectFaults(page)
  })
  afterEach(async () => {
    await page.context().close()
    await api.close()
  })

  async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
    const opened = await (await browser.newContext(options)).newPage()
    opened.setDefaultTimeout(WITHIN.timeout)
    return opened
  }
  const client = () => connect({ url: api.url, token: TOKEN })
  const signIn = (path = '') =>
    page.goto(`${api.url}/#token=${TOKEN}`).then(async () => {
      if (path !== '') await page.goto(`${api.url}/${path}`)
    })
  const see = (text: string) => page.getByText(text).first().waitFor(WITHIN)

  test('asks for the token, says when it is wrong, and keeps it in this tab alone', async () => {
    await page.goto(api.url)
    await page.getByLabel('Token').fill('wrong')
    await page.keyboard.press('Enter')
    await see('the token is not known')
    await page.getByLabel('Token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await see('Output queue')
    expect(page.url()).not.toContain(TOKEN)
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor(WITHIN)
  })

  test('takes the token from a link and removes it from the address at once', async () => {
    await signIn()
    await see('Output queue')
    expect(page.url()).toBe(`${api.url}/#/`)
    await page.goBack().catch(() => null)
    expect(page.url()).not.toContain(TOKEN)
    expect(faults).toEqual([])
  })

  test('shows queue, workers, and the decisions of the scaler with their reasons', async () => {
    await putWorker(api)
    await putDecisions(api)
    await client().submit({ taskType: 'command', command: 'a' })
    await signIn()
    await see('More jobs wait than the free workers should have in front of them.')
    await see('command 1/1')
    await see('waits for GPU memory')
    const tile = page.locator('.tile', { hasText: 'Waiting' })
    await waitFor('the number', async () => (await tile.locator('b').textContent()) === '1')
    const chart = page.getByRole('img', { name: /3 waiting and 2 wanted/ })
    expect(await chart.locator('path').count()).toBe(2)
    expect(faults).toEqual([])
  })

  test('follows a job to its end: progress, log as it comes, artifacts with a picture', async () => {
    const { id } = await client().submit({ taskType: 'command', command: 'train' })
    await signIn(`#/jobs/${id}`)
    await see('queued')
    await api.start(id)
    const progress = { fraction: 0.42, note: 'epoch 5 of 12', at: new Date().toISOString() }
    await api.report(id, { progress })
    await api.writeLog(id, 0, [{ text: 'loss 0.5' }, { stream: 'stderr', text: 'careful' }])
    await see('loss 0.5')
    await see('42 % epoch 5 of 12')
    const body = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>'
    await api.keepArtifact(id, { path: 'curve.svg', body, contentType: 'image/svg+xml' })
    const file = {
      path: 'curve.svg',
      bytes: body.length,
      sha256: 'ab',
      contentType: 'image/svg+xml',
    }
    await api.keepManifest(id, [file])
    await api.writeLog(id, 1, [{ text: 'loss 0.1' }])
    const manifestKey = `jobs/${id}/1/artifacts.json`
    await api.end(id, { artifacts: { manifestKey, files: 1, bytes: body.length } })
    await see('loss 0.1')
    await see('complete')
    const picture = page.getByRole('img', { name: 'curve.svg' })
    await picture.scrollIntoViewIfNeeded()
    await waitFor('the picture', () =>
      picture.evaluate(
        (image) => (image as unknown as { naturalWidth: number }).naturalWidth === 40,
      ),
    )
    expect(await page.locator('.log span').allTextContents()).toEqual([
      'loss 0.5\n',
      'careful\n',
      'loss 0.1\n',
    ])
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'curve.svg' }).click()
    expect((await download).suggestedFilename()).toBe('curve.svg')
    expect(faults).toEqual([])
  })

  test('shows what jobs say as text, whatever it looks like', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    const tags = { evil }
    const { id } = await client().submit({ taskType: 'command', command: evil, tags })
    await signIn()
    await see(evil)
    await api.start(id)
    await api.writeLog(id, 0, [{ text: evil }])
    await page.goto(`${api.url}/#/jobs/${id}`)
    await page.locator('.log').getByText(evil).waitFor(WITHIN)
    expect(await page.title()).toBe('Scalable Job')
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(faults).toEqual([])
  })

  test('submits and cancels by keyboard alone, and asks before it cancels', async () => {
    await signIn()
    await see('Output queue')
    await page.getByRole('button', { name: 'Submit a job' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel(/^Command/).waitFor(WITHIN)
    await page.keyboard.type('python3 train.py')
    await page.keyboard.press('Tab')
    await page.keyboard.type('EPOCHS=10')
    await page.keyboard.press('Control+Enter')
    await see(' accepted')
    const id = /jobs\/(\d{19})/.exec(page.url())?.[1] ?? ''
    expect((await client().get(id)).env).toEqual({ EPOCHS: '10' })
    await page.getByRole('button', { name: 'Cancel job' }).focus()
    await page.keyboard.press('Enter')
    await see('Cancel this job?')
    await page.keyboard.press('Escape')
    expect((await client().get(id)).status).toBe('queued')
    await page.getByRole('button', { name: 'Cancel job' }).click()
    await page.getByRole('button', { name: 'Yes, cancel it' }).click()
    await page.getByRole('button', { name: 'Run again' }).waitFor(WITHIN)
    expect((await client().get(id)).status).toBe('canceled')
    expect(faults).toEqual([])
  })

  test('submits from another machine too, where browsers have no randomUUID', async () => {
    await page.addInitScript('delete Crypto.prototype.randomUUID')
    await signIn()
    await page.getByRole('button', { name: 'Submit a job' }).click()
    await page.getByLabel(/^Command/).fill('ls')
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await see(' accepted')
    expect((await client().list()).jobs).toHaveLength(1)
    expect(faults).toEqual([])
  })

  test('says that there is no such job, once, and asks no more', async () => {
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.clock.install()
    await signIn('#/jobs/3711718195200000001')
    await see('there is no log')
    await see('is not the id of a job of yours')
    const count = () => asked.filter((url) => url.includes('/jobs/371')).length
    const first = count()
    await page.clock.runFor(120_000)
    expect(count()).toBe(first)
    expect(first).toBe(2)
  })

  test('shows every mistake of a form where it was made', async () => {
    await signIn()
    await page.getByRole('button', { name: 'Submit a job' }).click()
    await page.getByLabel(/^Command/).fill('ls')
    await page.getByLabel(/^Environment/).fill('SCALABLE_JOB_ID=1')
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await see('body.env.SCALABLE_JOB_ID')
    expect((await client().list()).jobs).toEqual([])
  })

  test('filters by status and turns pages', async () => {
    const ids: string[] = []
    for (let number = 0; number < 30; number += 1) {
      ids.push((await client().submit({ taskType: 'command', command: 'x' })).id)
    }
    await client().cancel(ids[0] ?? '')
    await signIn()
    const rows = page.locator('tbody tr', { has: page.locator('a[href^="#/jobs/"]') })
    const shown = (count: number) =>
      waitFor(`${count} rows`, async () => (await rows.count()) === count)
    await shown(25)
    await page.getByRole('button', { name: 'Older' }).click()
    await shown(5)
    await page.getByRole('button', { name: 'Newer' }).click()
    await shown(25)
    await page.getByRole('button', { name: 'canceled' }).click()
    await shown(1)
    expect(faults).toEqual([])
  })

  test('says that the service is away, and goes on by itself when it is back', async () => {
    await signIn()
    await see('live')
    api.disturb(() => new Response('', { status: 503 }))
    await see('HTTP 503')
    api.recover()
    await page.locator('#connection:not(.broken)').waitFor({ timeout: 30_000 })
    expect(await page.locator('#connection').textContent()).toBe('live')
  })

  test('fits a narrow screen in both colour schemes', async () => {
    await putWorker(api)
    await putDecisions(api)
    await client().submit({ taskType: 'command', command: 'x', tags: { name: 'y'.repeat(200) } })
    for (const colorScheme of ['light', 'dark'] as const) {
      const narrow = await openPage({ viewport: { width: 360, height: 740 }, colorScheme })
      await narrow.goto(`${api.url}/#token=${TOKEN}`)
      await narrow.getByText('Output queue').waitFor(WITHIN)
      await narrow.locator('tbody a').first().waitFor(WITHIN)
      expect(await narrow.evaluate('document.documentElement.scrollWidth')).toBe(360)
      await narrow.context().close()
    }
  })
})

async function putWorker(api: LiveApi): Promise<void> {
  const at = new Date().toISOString()
  const slots = { command: { total: 1, taken: 1 }, query: { total: 4, taken: 0 } }
  const data = {
    workerId: 'w1',
    taskId: 't1',
    version: 'v1',
    state: 'starting',
    slots,
    jobs: [],
    startedAt: at,
    beatAt: at,
    beat: 1,
    note: 'waits for GPU memory',
  }
  await api.table.write([{ kind: 'put', key: workerKey('w1'), data, expect: 'any' }])
}

async function putDecisions(api: LiveApi): Promise<void> {
  const decide = (secondsAgo: number, wanted: number, waiting: number) => ({
    atMs: Date.now() - secondsAgo * 1000,
    lastSeenAtMs: Date.now() - secondsAgo * 1000,
    wanted,
    reason: 'waiting-jobs',
    desired: {},
    drains: [],
    versions: {},
    count: 1,
    inputs: {
      waiting: { command: waiting, query: 0 },
      oldestWaitingSeconds: 4,
      workers: {},
      unreported: 0,
      floor: 0,
      asked: {},
      unseen: [],
    },
  })
  const data = { decisions: [decide(60, 0, 0), decide(30, 1, 2), decide(5, 2, 3)] }
  const key = scalerKey('decisions')
  await api.table.write([{ kind: 'put', key, data, expect: 'any' }])
}
