import { sha256 } from '../expected-answer.ts'

interface End {
  readonly attempt: number
  readonly status: string
  readonly reason?: string | undefined
  readonly exitCode?: number | undefined
  readonly statusCode?: number | undefined
}

/** Stands for an end and everything that was accepted with it. */
export function digestEnd(end: End, content: string): string {
  const { attempt, status, reason, exitCode, statusCode } = end
  return sha256(JSON.stringify([attempt, status, reason, exitCode, statusCode, content]))
}
