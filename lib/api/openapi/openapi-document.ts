import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { errorBodySchema } from '../contract/answers.ts'
import { ERRORS, type ErrorCode, ServiceError, toErrorBody } from '../../registry/errors.ts'
import type { Answer, Route } from '../route.ts'
import { ROUTES } from '../routes.ts'

const EXAMPLE_REQUEST_ID = '3711718195200000009'
const REQUEST_ID = { 'X-Request-Id': 'Id of the request; finds it in the log.' }

const INFO = {
  title: 'Scalable Job',
  description:
    'Takes command and query jobs, and tells how they stand. Every error has the same shape; `error.code` is stable.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

const GROUPS: Readonly<Record<Route['group'], string>> = {
  jobs: 'Submit, watch, cancel and repeat jobs.',
  files: 'Inputs and artifacts.',
  output: 'The output queue.',
  service: 'The service as a whole.',
  'PAI-EAS': 'What clients of PAI-EAS send.',
}

/** What the API takes and answers, as OpenAPI 3.1; docs are made from it too. */
export function makeOpenApiDocument(version: string): object {
  const registry = new OpenAPIRegistry()
  const inHeader = { type: 'apiKey', in: 'header', name: 'Authorization' } as const
  const bearer = { type: 'http', scheme: 'bearer' } as const
  registry.registerComponent('securitySchemes', 'token', {
    ...inHeader,
    description: 'The token alone, as PAI-EAS clients send it.',
  })
  registry.registerComponent('securitySchemes', 'bearer', {
    ...bearer,
    description: 'The token after `Bearer `.',
  })
  for (const route of ROUTES) registry.registerPath(toRouteConfig(route))
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { ...INFO, version },
    servers: [{ url: '/' }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
  })
}

function toRouteConfig(route: Route): RouteConfig {
  const { method, path, group, summary, description, params, query, headers, body } = route
  const described = z.object(query instanceof z.ZodObject ? query.shape : {})
  return {
    method,
    path,
    tags: [group],
    summary,
    description,
    operationId: toOperationId(route),
    security: route.access === 'open' ? [] : [{ token: [] }, { bearer: [] }],
    request: {
      ...(params && { params }),
      query: described,
      ...(headers && { headers }),
      ...(body && { body: { ...body, content: toContent(body.content) } }),
    },
    responses: toResponses(route),
  }
}

function toOperationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '')
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('')
}

function toResponses(route: Route): RouteConfig['responses'] {
  const good = Object.entries(route.answers).map(([status, answer]) => [status, toResponse(answer)])
  const byStatus = Map.groupBy(errorsOf(route), (code) => ERRORS[code].status)
  const bad = [...byStatus].map(([status, codes]) => [String(status), toErrorResponse(codes)])
  return Object.fromEntries([...good, ...bad]) as RouteConfig['responses']
}

/** Those of the route, and those that any of its kind may meet. */
export function errorsOf({ access, query, errors }: Route): readonly ErrorCode[] {
  const takesNothing = access === 'open' && query instanceof z.ZodObject
  const common: ErrorCode[] = takesNothing
    ? ['method-not-allowed', 'internal']
    : ['invalid-request', 'unauthorized', 'method-not-allowed', 'service-unavailable', 'internal']
  return [...new Set([...common, ...errors])]
}

function toResponse({ description, content, headers }: Answer) {
  return {
    description,
    headers: toHeaders({ ...REQUEST_ID, ...headers }),
    ...(content && { content: toContent(content) }),
  }
}

function toErrorResponse(codes: readonly ErrorCode[]) {
  const examples = codes.map((code) => {
    const { when } = ERRORS[code]
    const body = toErrorBody(new ServiceError(code, when), EXAMPLE_REQUEST_ID)
    return [code, { summary: when, value: body }]
  })
  const waits = codes.some((code) => 'retryable' in ERRORS[code])
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].when}`).join('\n\n'),
    headers: toHeaders({
      ...REQUEST_ID,
      ...(waits && { 'Retry-After': 'Seconds after which a repeat makes sense.' }),
      ...(codes.includes('unauthorized') && { 'WWW-Authenticate': '`Bearer`.' }),
      ...(codes.includes('method-not-allowed') && { Allow: 'Methods that the path takes.' }),
    }),
    content: {
      'application/json': {
        schema: errorBodySchema,
        examples: Object.fromEntries(examples) as Record<
          string,
          { summary: string; value: object }
        >,
      },
    },
  }
}

function toHeaders(headers: Readonly<Record<string, string>>) {
  const entries = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' as const } },
  ])
  return Object.fromEntries(entries) as Record<
    string,
    { description: string; schema: { type: 'string' } }
  >
}

function toContent(content: NonNullable<Answer['content']>) {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, example }]) => [
      type,
      { schema, ...(example !== undefined && { example }) },
    ]),
  )
}
