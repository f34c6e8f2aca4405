/**
 * Events of an HTTP API as requests, and answers as its results.
 *
 * Not `hono/aws-lambda`, whose `handle` can keep bytes (`isContentTypeBinary`) but takes the decoded
 * path as an address: a job file named `a?b` or `50%` is lost. It answers what is no HTTP, and a body
 * that breaks off, outside of the one error shape, and Hono 5 will not have it.
 */

/** What of an HTTP API's event (payload format 2.0) matters here. */
export interface HttpEvent {
  readonly rawPath: string
  readonly rawQueryString?: string
  /** Lower-case names; values of repeated headers joined by commas. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
  readonly requestContext: {
    readonly domainName?: string
    readonly http: { readonly method: string }
  }
}

export interface HttpResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: true
}

/** The methods whose requests have no body; one that was sent all the same means nothing. */
const BODILESS = new Set(['GET', 'HEAD'])

/** @throws TypeError for what no HTTP client can have sent */
export function toRequest(event: HttpEvent): Request {
  const { requestContext, rawQueryString = '', body } = event
  const { method } = requestContext.http
  const host = requestContext.domainName ?? 'localhost'
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`
  const url = `https://${host}${escapePath(event.rawPath)}${query}`
  const headers = toHeaders(event)
  if (body === undefined || BODILESS.has(method)) return new Request(url, { method, headers })
  const bytes = Buffer.from(body, event.isBase64Encoded === true ? 'base64' : 'utf8')
  headers.set('content-length', String(bytes.length))
  return new Request(url, { method, headers, body: bytes })
}

/**
 * The body goes as base64 whatever it is: what a job answers is bytes, and its content type is no
 * proof that they are UTF-8.
 */
export async function toResult(response: Response): Promise<HttpResult> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    isBase64Encoded: true,
  }
}

/**
 * HTTP APIs decode the path before they hand it over, other callers do not. Only what cannot stand
 * in an encoded path is escaped, so that both come out right.
 */
function escapePath(path: string): string {
  // Without a slash it would go on with the name of the host.
  return (path.startsWith('/') ? path : `/${path}`)
    .replaceAll(/%(?![0-9a-f]{2})/gi, '%25')
    .replaceAll(/[?#\\]/g, (char) => encodeURIComponent(char))
}

function toHeaders({ headers = {}, cookies = [] }: HttpEvent): Headers {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) all.set(name, toByteString(value))
  }
  if (cookies.length > 0) all.set('cookie', cookies.join('; '))
  return all
}

/** Headers are bytes in HTTP, and `Headers` takes each byte as one character. */
function toByteString(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1')
}
