import { describe, expect, it } from 'vitest'
import { parseProgress } from '../../../worker/logs/parse-progress.ts'

describe('a progress line', () => {
  it.each([
    { name: 'a fraction', line: '[progress] 0.42 epoch 5', fraction: 0.42, note: 'epoch 5' },
    { name: 'a percentage', line: '[progress] 42% epoch 5', fraction: 0.42, note: 'epoch 5' },
    { name: 'no note', line: '[progress] 1', fraction: 1, note: '' },
    { name: 'no leading zero', line: '[progress] .5 half', fraction: 0.5, note: 'half' },
  ])('may have $name', ({ line, fraction, note }) => {
    expect(parseProgress(line)).toEqual({ fraction, note })
  })

  it.each([
    'progress 0.4',
    '[progress] much',
    '[progress] 1.2',
    '[progress] 120%',
    '[progress] -1',
  ])('is not what `%s` is', (line) => {
    expect(parseProgress(line)).toBeUndefined()
  })
})
