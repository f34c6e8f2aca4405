import { jobInputKey } from '../keys.ts'
import type { PutRow, Table } from '../../ports/table.ts'

/** The input of a job in a row of its own, beside the job's. */
export function putInput(jobId: string, base64: string, expiresAtMs: number): PutRow {
  return { kind: 'put', key: jobInputKey(jobId), data: { base64 }, expect: 'absent', expiresAtMs }
}

/** @returns nothing where it is no longer kept */
export async function readInput(table: Table, jobId: string): Promise<Buffer | undefined> {
  const base64 = (await table.get(jobInputKey(jobId)))?.data['base64']
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}
