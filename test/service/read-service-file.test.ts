import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatDetails, ServiceError } from '../../lib/registry/errors.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { aServiceJson } from '../support/a-service.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function refusalOf(path: string): string {
  try {
    readServiceFile(path)
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}\n${formatDetails(error.details)}`
    throw error
  }
  return ''
}

test('the service of a file knows its folder and cannot be changed', () => {
  const path = join(folder, 'service.json')
  writeFileSync(path, JSON.stringify(aServiceJson()))
  const service = readServiceFile(path)
  expect(service).toMatchObject({ name: 'digits', folder })
  expect(Object.isFrozen(service)).toBe(true)
})

test('a file that cannot be read is named, with the reason in words', () => {
  const absent = join(folder, 'absent.json')
  expect(refusalOf(absent)).toBe(
    `invalid-service-config\n  service.json: does not exist; got ${JSON.stringify(absent).slice(0, 80)}`,
  )
  expect(refusalOf(folder)).toContain('service.json: is a folder')
})
