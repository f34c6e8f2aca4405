import { afterEach, expect, test } from 'vitest'
import { passedOnEnv } from '../../lib/local/programs/passed-on-env.ts'

const before = { ...process.env }
afterEach(() => {
  process.env = { ...before }
})

test('workers inherit what programs need, and none of the secrets beside it', () => {
  const given = {
    HF_HOME: '/models',
    PYTHONPATH: '/lib',
    HF_TOKEN: 'a',
    PYTHON_API_KEY: 'b',
    HF_SECRET_NAME: 'c',
    PYTHON_PASSWORD: 'd',
    AWS_REGION: 'e',
  }
  Object.assign(process.env, given)
  const passed = passedOnEnv()
  expect(Object.keys(given).filter((name) => name in passed)).toEqual(['HF_HOME', 'PYTHONPATH'])
  expect(passed['PATH']).toBe(process.env['PATH'])
})
