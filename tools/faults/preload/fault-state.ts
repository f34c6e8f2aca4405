/** The present faults, as a preloaded module of the service or of a worker sees them. */
import { readFileSync } from 'node:fs'
import type { Control, DatabaseFault, DiskFault, Target } from '../control.ts'
import { makeRandom } from '../../support/random.ts'

const READ_MS = 100
const path = process.env['FAULTS_CONTROL'] ?? ''
// Taken before anything is wrapped: reading the faults must not fail by them.
const read = readFileSync

let control: Control = {}
refresh()
setInterval(refresh, READ_MS).unref()

export type Role = Exclude<Target, 'all'>

export const random = makeRandom(process.pid)

/** The fault, where it is on and this kind of process is its target. */
export function diskFault(role: Role): DiskFault | undefined {
  return ofRole(control.disk, role)
}

export function databaseFault(role: Role): DatabaseFault | undefined {
  return ofRole(control.database, role)
}

export function isScalerAway(): boolean {
  return control.isScalerAway === true
}

function ofRole<T extends { readonly target: Target }>(
  fault: T | undefined,
  role: Role,
): T | undefined {
  return fault?.target === 'all' || fault?.target === role ? fault : undefined
}

function refresh(): void {
  try {
    control = JSON.parse(read(path, 'utf8')) as Control
  } catch {
    control = {}
  }
}
