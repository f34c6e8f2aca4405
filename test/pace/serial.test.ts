import { describe, expect, test } from 'vitest'
import { Serial } from '../../lib/pace/serial.ts'

describe('actions in series', () => {
  test('run one after the other, in the order in which they were given', async () => {
    const serial = new Serial()
    const said: string[] = []
    const action = (name: string) => async (): Promise<string> => {
      said.push(`${name} begins`)
      await Promise.resolve()
      said.push(`${name} ends`)
      return name
    }
    const results = await Promise.all([serial.run(action('a')), serial.run(action('b'))])
    expect(results).toEqual(['a', 'b'])
    expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  test('one that fails fails its own caller alone', async () => {
    const serial = new Serial()
    const failing = serial.run(() => Promise.reject(new Error('full')))
    const next = serial.run(() => Promise.resolve('done'))
    await expect(failing).rejects.toThrow('full')
    expect(await next).toBe('done')
  })

  test('idle once all that was given has ended, also where it failed', async () => {
    const serial = new Serial()
    await serial.idle()
    const { promise, reject } = Promise.withResolvers<never>()
    let isIdle = false
    const failing = serial.run(() => promise)
    const idle = serial.idle().then(() => (isIdle = true))
    await Promise.resolve()
    expect(isIdle).toBe(false)
    reject(new Error('away'))
    await expect(failing).rejects.toThrow('away')
    await idle
  })

  test('something else has a turn between two, and none after the last', async () => {
    const said: string[] = []
    const serial = new Serial(async () => {
      await Promise.resolve()
      said.push('turn')
    })
    const say = (name: string) => (): Promise<void> => {
      said.push(name)
      return Promise.resolve()
    }
    const first = serial.run(say('a'))
    void serial.run(say('b'))
    await first
    await serial.idle()
    expect(said).toEqual(['a', 'turn', 'b'])
  })
})
