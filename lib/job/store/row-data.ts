import type { JsonObject } from '../../ports/json.ts'

/** What is written into a row: the value, and the format that tells readers how to read it. */
export function toRowData(format: number, value: object): JsonObject {
  const data: object = { format, ...value }
  return data as JsonObject
}
