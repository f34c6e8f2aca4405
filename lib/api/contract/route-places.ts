/** What stands where: every route of the API by name, for the app, the gateway, and clients. */

interface RoutePlace {
  readonly method: 'get' | 'post'
  /** As OpenAPI spells it: `/jobs/{id}`. */
  readonly path: string
  /** Whether the last parameter of the path takes slashes too. */
  readonly takesSlashes?: true
  readonly access: 'token' | 'open'
}

/** In the order in which they are documented. */
export const ROUTE_PLACES = {
  submitJob: { method: 'post', path: '/jobs', access: 'token' },
  listJobs: { method: 'get', path: '/jobs', access: 'token' },
  getJob: { method: 'get', path: '/jobs/{id}', access: 'token' },
  result: { method: 'get', path: '/jobs/{id}/result', access: 'token' },
  logs: { method: 'get', path: '/jobs/{id}/logs', access: 'token' },
  cancelJob: { method: 'post', path: '/jobs/{id}/cancel', access: 'token' },
  retryJob: { method: 'post', path: '/jobs/{id}/retry', access: 'token' },
  artifacts: { method: 'get', path: '/jobs/{id}/artifacts', access: 'token' },
  uploads: { method: 'post', path: '/uploads', access: 'token' },
  output: { method: 'get', path: '/output', access: 'token' },
  ackOutput: { method: 'post', path: '/output/ack', access: 'token' },
  put: { method: 'post', path: '/api/predict/{service}', access: 'token' },
  putPath: {
    method: 'post',
    path: '/api/predict/{service}/{path}',
    takesSlashes: true,
    access: 'token',
  },
  service: { method: 'get', path: '/service', access: 'token' },
  healthz: { method: 'get', path: '/healthz', access: 'open' },
  openapi: { method: 'get', path: '/openapi.json', access: 'open' },
} as const satisfies Readonly<Record<string, RoutePlace>>

/**
 * Headers of answers that a script of another origin may read beside the body; browsers hide the
 * others from it.
 */
export const EXPOSED_HEADERS = [
  'idempotency-replayed',
  'location',
  'retry-after',
  'x-eas-queueservice-request-id',
  'x-request-id',
  'x-scalable-job-log-cursor',
  'x-scalable-job-log-done',
  'x-scalable-job-status',
  'x-scalable-job-status-code',
] as const
