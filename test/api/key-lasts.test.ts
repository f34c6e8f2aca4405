import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../support/fake-clock.ts'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

const DAY_MS = 86_400_000
const clock = new FakeClock(Date.parse('2026-11-22T12:00:00.000Z'))
let api: TestApi

beforeEach(() => {
  api = anApi({ clock })
})
afterEach(() => api.close())

test('an Idempotency-Key stands for its job for more than a year', async () => {
  const submit = async (key: string): Promise<string> => {
    const body = { taskType: 'command', command: 'echo once' }
    const answer = await api.post('/jobs', body, { 'Idempotency-Key': key })
    return (await readAnswer<{ id: string }>(answer)).id
  }
  const first = await submit('k1')
  await clock.advance(399 * DAY_MS)
  await submit('k2') // a write removes what has expired
  expect(await submit('k1')).toBe(first)
})
