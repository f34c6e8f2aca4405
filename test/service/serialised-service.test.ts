import { describe, expect, test } from 'vitest'
import { formatDetails, ServiceError } from '../../lib/registry/errors.ts'
import {
  readService,
  readWorkerService,
  serialiseForFunctions,
  serialiseForWorkers,
} from '../../lib/service/serialised-service.ts'
import { versionOf } from '../../lib/service/worker-service.ts'
import { aService, aServiceJson } from '../support/a-service.ts'

const FILE = 'serialised-service.json'
const SECRETS = {
  dockerAuth: btoa('user:hunter2'),
  containers: [{ ...aServiceJson().containers[0], env: [{ name: 'KEY', value: 'hunter2' }] }],
  front_end: { image: 'a', port: 8080, env: [{ name: 'KEY', value: 'hunter2' }] },
  metadata: { ...aServiceJson().metadata, type: 'ScalableJobService' },
}

function refusalOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    expect(error.code).toBe('unknown-service-format')
    expect(error.message).toContain(FILE)
    return formatDetails(error.details).trim()
  }
  throw new Error('it was taken')
}

describe('a service that travels as text', () => {
  test('arrives in a function as it was, frozen, without anything secret', () => {
    const { token, registryAuth, frontEnd, folder, ...service } = aService(
      { token: 'hunter2', folder: '/home/hunter2' },
      SECRETS,
    )
    const text = serialiseForFunctions({
      ...service,
      token,
      registryAuth,
      frontEnd,
      folder,
    } as never)
    expect(text).not.toContain('hunter2')
    const read = readService(text, FILE)
    expect(read).toEqual({ ...service, container: { ...service.container, env: {} } })
    expect(Object.isFrozen(read.scaling)).toBe(true)
  })

  test('arrives in a worker with all that has a part in its version, frozen', () => {
    const service = aService({ token: 'hunter3', labels: { team: 'hunter3' } }, SECRETS)
    const text = serialiseForWorkers(service)
    expect(text).not.toContain('hunter3')
    expect(text).not.toContain(service.registryAuth)
    const read = readWorkerService(text, FILE)
    expect(service).toMatchObject(read)
    expect(read.container.env).toEqual({ KEY: 'hunter2' })
    expect(versionOf(read)).toBe(service.version)
    expect(Object.isFrozen(read.timing.leaseSeconds)).toBe(true)
  })

  test('is the same text for workers whatever only API and scaler use', () => {
    const { scaling, timing, jobDefaults, intake } = aService()
    const changed = aService({
      scaling: { ...scaling, max: 99 },
      timing: { ...timing, lookSeconds: 59, kickOnSubmit: !timing.kickOnSubmit },
      jobDefaults: { ...jobDefaults, command: jobDefaults.query },
      intake: { ...intake, maxWaitingJobs: 1 },
    })
    expect(serialiseForWorkers(changed)).toBe(serialiseForWorkers(aService()))
  })

  test('for workers comes again the same from what a worker read', () => {
    const text = serialiseForWorkers(aService())
    expect(serialiseForWorkers(readWorkerService(text, FILE))).toBe(text)
  })
})

describe('a form that is not known is refused, with what to do', () => {
  const { format, service } = JSON.parse(serialiseForFunctions(aService())) as {
    format: number
    service: Record<string, unknown>
  }
  const newer = 'format: was written by a newer version of Scalable Job; got 2; allowed: 1'

  test.each([
    ['no JSON', '{', '(root): is not a JSON object; allowed: a service in format 1'],
    ['no object', '[1]', '(root): is not a JSON object; allowed: a service in format 1'],
    ['nothing', 'null', '(root): is not a JSON object; allowed: a service in format 1'],
    ['of a newer release', { format: format + 1, service }, newer],
    ['of no release', { format: 0, service }, 'format: is not a known format; got 0; allowed: 1'],
    ['a service.json', aServiceJson(), 'format: is not a known format; got nothing; allowed: 1'],
    ['without a service', { format }, 'service: is not an object; got nothing'],
    [
      'with a part left out',
      { format, service: { ...service, slots: undefined } },
      'service.slots: is not what it has to be; got nothing; allowed: object',
    ],
    [
      'with a part of another kind',
      { format, service: { ...service, taskTypes: {} } },
      'service.taskTypes: is not what it has to be; got an empty object; allowed: list',
    ],
    [
      'with a name that is none',
      { format, service: { ...service, name: 1 } },
      'service.name: is not what it has to be; got 1; allowed: text',
    ],
  ])('%s', (_, content, expected) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    expect(refusalOf(() => readService(text, FILE))).toBe(expected)
    expect(refusalOf(() => readWorkerService(text, FILE))).toBe(expected)
  })

  test('what a worker got is not enough for a function', () => {
    const text = serialiseForWorkers(aService())
    expect(refusalOf(() => readService(text, FILE))).toMatch(/^service\.version: /)
  })
})
