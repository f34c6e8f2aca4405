import type { HttpResult } from '../../lib/api/event/http-event.ts'

export interface EventOptions {
  readonly method?: string
  /** As the HTTP API hands it over: decoded. */
  readonly path: string
  readonly query?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: string | Uint8Array
}

/** An event of an HTTP API, payload format 2.0, with all that API Gateway puts into one. */
export function httpApiEvent(options: EventOptions): object {
  const { method = 'GET', path, query = '', token, headers = {}, cookies, body } = options
  const isBinary = body instanceof Uint8Array
  const text = isBinary ? Buffer.from(body).toString('base64') : body
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(body ?? '')),
      host: 'abc123.execute-api.eu-central-1.amazonaws.com',
      'user-agent': 'curl/8.5.0',
      'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000000',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(token !== undefined && { authorization: token }),
      ...headers,
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc123',
      authorizer: { lambda: { tenant: '*' } },
      domainName: 'abc123.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'abc123',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'curl/8.5.0',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '01/Jan/2026:12:00:00 +0000',
      timeEpoch: 1_767_268_800_000,
    },
    ...(text !== undefined && { body: text }),
    isBase64Encoded: isBinary,
  }
}

/** The event of an HTTP API's Lambda authorizer, payload format 2.0. */
export function authorizerEvent(authorization: string): object {
  const event = httpApiEvent({ path: '/jobs', token: authorization })
  return {
    ...event,
    type: 'REQUEST',
    routeArn: 'arn:aws:execute-api:eu-central-1:123456789012:abc123/$default/GET/jobs',
    identitySource: [authorization],
  }
}

export function jsonOf({ body }: HttpResult): unknown {
  return JSON.parse(Buffer.from(body, 'base64').toString())
}
