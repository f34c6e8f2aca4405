import { afterEach, beforeEach, expect, test } from 'vitest'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

let api: TestApi

beforeEach(() => {
  api = anApi()
})
afterEach(() => api.close())

test.each([
  ['a short path is told as it came', `/${'x'.repeat(199)}`, `/${'x'.repeat(199)}`],
  ['a long path is told cut', `/${'x'.repeat(300)}`, `/${'x'.repeat(199)}…`],
])('%s', async (_title, path, got) => {
  const answer = await api.send(path)
  expect(answer.status).toBe(404)
  const { error } = await readAnswer<{ error: { details: { got: string }[] } }>(answer)
  expect(error.details[0]?.got).toBe(got)
})
