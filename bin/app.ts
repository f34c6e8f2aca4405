/**
 * Deploys one service: `npx cdk deploy -c service=examples/digits/service.json`. What else the
 * context may hold stands at `makeServiceApp`.
 */
import process from 'node:process'
import { makeServiceApp } from '../lib/cdk/service-app.ts'
import { formatDetails, ServiceError } from '../lib/registry/errors.ts'

const EXIT_MISUSE = 2

try {
  makeServiceApp().app.synth()
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  process.exitCode = EXIT_MISUSE
}

function describe(error: unknown): string {
  if (error instanceof ServiceError) return `${error.message}\n${formatDetails(error.details)}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
