import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../lib/local/http/listen.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'

describe('/metrics', () => {
  let api: LiveApi
  beforeAll(async () => {
    api = await aLiveApi()
  })
  afterAll(() => api.close())

  test('needs the token, as Prometheus can send it', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const answer = await fetch(`${api.url}/metrics`, { headers })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('# TYPE scalable_job_jobs_waiting gauge')
  })

  test.each([[{}], [{ authorization: 'Bearer wrong' }]])('refuses %j', async (headers) => {
    const answer = await fetch(`${api.url}/metrics`, { headers })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } })
  })
})

describe('the address that a service shows', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
  ])('of %s can be used on this machine', async (host, shown) => {
    const listener = await listen({ host, port: 0 })
    expect(new URL(listener.url).hostname).toBe(shown)
    expect((await fetch(listener.url)).status).toBe(503)
    await listener.close(0)
  })
})
