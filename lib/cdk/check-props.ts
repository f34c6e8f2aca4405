import { RemovalPolicy, Token } from 'aws-cdk-lib'
import { ServiceError } from '../registry/errors.ts'
import type { ScalableJobProps } from './scalable-job-props.ts'

const ORIGIN = /^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/i
const POLICIES: readonly unknown[] = [undefined, RemovalPolicy.RETAIN, RemovalPolicy.DESTROY]
/** AWS General Reference, "Tag naming limits and requirements". */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
const MAX_TAG_KEY_CHARS = 128
const MAX_TAG_VALUE_CHARS = 256

/**
 * What the types of the props cannot say.
 *
 * @throws ServiceError `invalid-prop` with the prop, the value given and what is allowed
 */
export function checkProps(props: ScalableJobProps): void {
  checkRemovalPolicy(props)
  checkRetention(props)
  for (const origin of props.corsOrigins ?? []) checkOrigin(origin)
  checkLimit('throttlingRateLimit', props.throttlingRateLimit)
  checkLimit('throttlingBurstLimit', props.throttlingBurstLimit)
  for (const [key, value] of Object.entries(props.service.labels)) checkLabel(key, value)
  checkFrontEnd(props)
}

function checkRemovalPolicy({ removalPolicy }: ScalableJobProps): void {
  if (POLICIES.includes(removalPolicy)) return
  throw refuse('removalPolicy', `is "${removalPolicy}"`, 'RETAIN or DESTROY')
}

function checkRetention({ jobRetention }: ScalableJobProps): void {
  if (jobRetention === undefined || jobRetention.isUnresolved()) return
  const days = jobRetention.toDays({ integral: false })
  if (Number.isInteger(days) && days >= 1) return
  const allowed = 'whole days, at least 1, because S3 counts in days'
  throw refuse('jobRetention', `is ${days} days`, allowed)
}

function checkOrigin(origin: string): void {
  if (Token.isUnresolved(origin) || ORIGIN.test(origin)) return
  const allowed = 'an origin without a path, such as https://train.example.com, or *'
  throw refuse('corsOrigins', `has "${origin}"`, allowed)
}

function checkLimit(name: string, value: number | undefined): void {
  if (value === undefined || Token.isUnresolved(value)) return
  if (Number.isInteger(value) && value >= 1) return
  throw refuse(name, `is ${value}`, 'a whole number, at least 1')
}

function checkFrontEnd(props: ScalableJobProps): void {
  if (props.service.frontEnd !== undefined) return
  const given = (['frontEndAllowedCidrs', 'frontEndCertificate'] as const).filter(
    (name) => props[name] !== undefined,
  )
  if (given.length === 0) return
  const problem = `cannot be used with the service ${props.service.name}, which has no front end`
  throw refuse(given.join(' and '), problem, 'left out, or the service a ScalableJobService')
}

/** Labels become tags. */
function checkLabel(key: string, value: string): void {
  const isKey = key.length <= MAX_TAG_KEY_CHARS && TAG_TEXT.test(key) && !/^aws:/i.test(key)
  if (isKey && value.length <= MAX_TAG_VALUE_CHARS && TAG_TEXT.test(value)) return
  const allowed = `letters, digits, spaces and _ . : / = + - @, at most ${MAX_TAG_KEY_CHARS} for the name and ${MAX_TAG_VALUE_CHARS} for the value, and not begin with aws:`
  throw refuse('labels', `has "${key}": "${value}", which cannot be a tag on AWS`, allowed)
}

function refuse(path: string, problem: string, allowed: string): ServiceError {
  const message = `${path} ${problem}; it must be ${allowed}`
  return new ServiceError('invalid-prop', message, { details: [{ path, problem, allowed }] })
}
