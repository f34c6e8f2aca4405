import { describe, expect, test } from 'vitest'
import { makeJsonLog } from '../../../lib/adapters/node/json-log.ts'
import type { LogFields } from '../../../lib/ports/log.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function makeLog(level: 'debug' | 'info' | 'warn' | 'error' = 'debug', fields: LogFields = {}) {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  return { lines, log: makeJsonLog({ write, level, fields, clock: new FakeClock() }) }
}

const unusual = (value: unknown): LogFields => ({ value }) as LogFields

describe('a log of JSON lines', () => {
  test('writes time, level, message and fields on one line', () => {
    const { lines, log } = makeLog()
    log.info('job ended', { jobId: '1', text: 'two\nlines' })
    expect(lines).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"job ended","jobId":"1","text":"two\\nlines"}\n',
    ])
  })

  test('leaves out what is below its level', () => {
    const { lines, log } = makeLog('warn')
    log.debug('no')
    log.info('no')
    log.warn('yes')
    log.error('yes')
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual([
      'warn',
      'error',
    ])
  })

  test('puts the fields of a narrower log on each of its lines', () => {
    const { lines, log } = makeLog('info', { worker: 'w' })
    log.with({ job: '1' }).with({ attempt: 2 }).info('started', { slot: 0 })
    log.info('idle')
    const [narrow, wide] = lines.map((line) => JSON.parse(line) as object)
    expect(narrow).toMatchObject({ worker: 'w', job: '1', attempt: 2, slot: 0 })
    expect(wide).not.toHaveProperty('job')
  })

  test('lets no field take the place of time, level or message', () => {
    const { lines, log } = makeLog()
    // @ts-expect-error -- the compiler takes no such field either
    log.info('true', { message: 'false', level: 'error', time: 'never' })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'true', level: 'info' })
  })

  test('writes errors with their causes, and whole numbers of any size', () => {
    const { lines, log } = makeLog()
    const cause = Object.assign(new Error('no route'), { code: 'ENETUNREACH' })
    log.error('failed', unusual(new Error('call failed', { cause })))
    log.info('big', unusual(2n ** 63n))
    const [failed, big] = lines.map((line) => JSON.parse(line) as { value: unknown })
    expect(failed?.value).toMatchObject({
      message: 'call failed',
      cause: { message: 'no route', code: 'ENETUNREACH' },
    })
    expect(big?.value).toBe('9223372036854775808')
  })

  test('never throws, whatever it is given and wherever it writes', () => {
    const { lines, log } = makeLog()
    const circle: { self?: unknown } = {}
    circle.self = circle
    log.info('circular', unusual(circle))
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'circular' })
    const write = (): void => {
      throw new Error('disk full')
    }
    expect(() => makeJsonLog({ write, level: 'info' }).info('lost')).not.toThrow()
  })
})
