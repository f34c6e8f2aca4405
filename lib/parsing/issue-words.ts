/** What a schema finds wrong, in words for a person: never the schema library's own. */
import type { z } from 'zod'

const FORMATS: Readonly<Record<string, string>> = {
  base64: 'base64',
  url: 'an address such as https://host/path',
}

interface Sized {
  /** The kind of value whose size or number is wrong. */
  readonly origin?: unknown
  readonly minimum?: unknown
}

/** What zod asks with, before it has a message. */
type RawIssue = Sized & {
  readonly code: string
  readonly expected?: unknown
  readonly format?: unknown
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
  undefined: 'nothing',
}

/** As zod asks for a message where a schema gives none of its own. */
export function problemOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${kindInWords(issue.expected)}`
    case 'invalid_value':
      return 'is not one of the choices'
    case 'too_small':
      return isSize(issue) ? tooFew(issue) : 'is too small'
    case 'too_big':
      return isSize(issue) ? `has too many ${unitOf(issue)}` : 'is too large'
    case 'invalid_format':
      return `is not ${FORMATS[String(issue.format)] ?? 'in the form that is allowed'}`
    case 'invalid_key':
      return 'is a name that cannot be given'
    case 'invalid_union':
      return 'fits none of the forms that are allowed'
    default:
      return 'has a form that is not allowed'
  }
}

/** What would be accepted; nothing where the words of the schema have to say it. */
export function allowedBy(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return kindInWords(issue.expected)
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(', ')
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue, issue.minimum)}`
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue, issue.maximum)}`
    case 'invalid_format':
      return FORMATS[issue.format]
    case 'invalid_union':
      return unionAllowed(issue)
    case 'invalid_key':
      return issue.issues.map((inner) => allowedBy(inner)).find((text) => text !== undefined)
    case 'custom':
      return typeof issue.params?.['allowed'] === 'string' ? issue.params['allowed'] : undefined
    default:
      return undefined
  }
}

function kindInWords(expected: unknown): string {
  return KINDS[String(expected)] ?? 'of the kind that is allowed'
}

function unionAllowed(issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>) {
  const kinds = issue.errors.flat().flatMap((inner) => allowedBy(inner) ?? [])
  return kinds.length === 0 ? undefined : [...new Set(kinds)].join(' or ')
}

/** Whether the size of something is wrong, and not a number itself. */
function isSize(issue: Sized): boolean {
  return issue.origin === 'string' || issue.origin === 'array'
}

function tooFew(issue: Sized): string {
  return issue.minimum === 1 ? 'is empty' : `has too few ${unitOf(issue)}`
}

function unitOf(issue: Sized): string {
  return issue.origin === 'string' ? 'characters' : 'entries'
}

function amount(issue: Sized, limit: number | bigint): string {
  if (!isSize(issue)) return String(limit)
  const unit = issue.origin === 'string' ? 'character' : 'entry'
  return Number(limit) === 1 ? `1 ${unit}` : `${limit} ${unitOf(issue)}`
}
