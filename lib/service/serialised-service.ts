/**
 * A service as text: how it travels to Lambda functions and workers, on AWS and on one machine.
 *
 * Whoever reads it checks the format and that the parts are there, without the schema: what is
 * written here was parsed before, and a worker carries no schema library.
 */
import { type ErrorDetail, ServiceError, showValue } from '../registry/errors.ts'
import { type AnyCheck, type Fields, isFields, isText, parseJsonOf } from '../parsing/checks.ts'
import type { Service, WorkerService } from './service.ts'
import { toWorkerService } from './worker-service.ts'

/** To be raised with every change of `Service` that a reader of the form before would misread. */
const FORMAT = 1

/**
 * For Lambda functions: without what they do not use and may be secret, so that whoever may read a
 * function's code learns no token, password or key.
 */
export function serialiseForFunctions(service: Service): string {
  const { token: _, registryAuth: _auth, frontEnd: _front, folder: _folder, ...rest } = service
  return serialise({ ...rest, container: { ...rest.container, env: {} } })
}

/**
 * For workers: only what they use. Token, registry login, labels and scaling have no place in it, so
 * a change of those replaces no worker, and a task definition does not show them.
 */
export function serialiseForWorkers(service: WorkerService): string {
  return serialise(toWorkerService(service))
}

function serialise(service: object): string {
  return JSON.stringify({ format: FORMAT, service })
}

type Kind = 'text' | 'list' | 'object'
type RequiredKey<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T]
type Kinds<T> = Readonly<Record<RequiredKey<T>, Kind>>

const WORKER_PARTS: Kinds<WorkerService> = {
  name: 'text',
  taskTypes: 'list',
  container: 'object',
  resources: 'object',
  slots: 'object',
  storage: 'list',
  timing: 'object',
}

const SERVICE_PARTS: Kinds<Service> = {
  ...WORKER_PARTS,
  version: 'text',
  type: 'text',
  cloud: 'object',
  jobDefaults: 'object',
  intake: 'object',
  scaling: 'object',
  logToQueue: 'object',
  labels: 'object',
  ignored: 'list',
}

/**
 * The service that {@link serialiseForFunctions} wrote, frozen.
 *
 * @param file stands in the messages
 * @throws ServiceError `unknown-service-format`
 */
export function readService(text: string, file: string): Service {
  return deepFreeze(readParts(text, file, SERVICE_PARTS))
}

/**
 * The service that {@link serialiseForWorkers} wrote, frozen.
 *
 * @param file stands in the messages
 * @throws ServiceError `unknown-service-format`
 */
export function readWorkerService(text: string, file: string): WorkerService {
  return deepFreeze(readParts(text, file, WORKER_PARTS))
}

function readParts<T>(text: string, file: string, kinds: Kinds<T>): T {
  const read = parseJsonOf(text, isFields)
  const format = read?.['format']
  if (format !== FORMAT) throw unknownForm(file, formatMistake(read, format))
  const service = read?.['service']
  if (!hasParts(service, kinds)) throw unknownForm(file, partMistake(service, kinds))
  return service
}

function hasParts<T>(service: unknown, kinds: Kinds<T>): service is T {
  return isFields(service) && findWrongPart(service, kinds) === undefined
}

function findWrongPart(service: Fields, kinds: Readonly<Record<string, Kind>>) {
  return Object.entries(kinds).find(([key, kind]) => !IS_KIND[kind](service[key]))
}

const IS_KIND: Readonly<Record<Kind, AnyCheck>> = {
  text: isText,
  list: Array.isArray,
  object: isFields,
}

function formatMistake(read: Fields | undefined, format: unknown): ErrorDetail {
  const allowed = `a service in format ${FORMAT}`
  if (read === undefined) return { path: '(root)', problem: 'is not a JSON object', allowed }
  const isNewer = typeof format === 'number' && format > FORMAT
  const by = isNewer ? 'was written by a newer version of Scalable Job' : 'is not a known format'
  return { path: 'format', problem: by, got: showValue(format), allowed: String(FORMAT) }
}

function partMistake(service: unknown, kinds: Readonly<Record<string, Kind>>): ErrorDetail {
  if (!isFields(service)) {
    return { path: 'service', problem: 'is not an object', got: showValue(service) }
  }
  const [key = '', kind = ''] = findWrongPart(service, kinds) ?? []
  const path = `service.${key}`
  const got = showValue(service[key], path)
  return { path, problem: 'is not what it has to be', got, allowed: kind }
}

function unknownForm(file: string, mistake: ErrorDetail): ServiceError {
  const message = `the service in ${file} cannot be read: ${mistake.path} ${mistake.problem}`
  return new ServiceError('unknown-service-format', message, { details: [mistake] })
}

/** `value`, and everything below it, made unchangeable. For plain data without cycles. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
