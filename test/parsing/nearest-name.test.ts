import { expect, it } from 'vitest'
import { nearestName } from '../../lib/parsing/nearest-name.ts'

const KNOWN = ['min', 'max', 'max_retries', 'avg_waiting_length', 'port']

it.each([
  ['maxRetries', 'max_retries'],
  ['MAX-RETRIES', 'max_retries'],
  ['avg_wating_length', 'avg_waiting_length'],
  ['mim', 'min'],
  ['prot', 'port'],
  ['replicas', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('finds what %s most likely meant', (given, meant) => {
  expect(nearestName(given, KNOWN)).toBe(meant)
})
