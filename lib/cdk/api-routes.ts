import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'

export interface ApiRoute {
  readonly method: HttpMethod
  /** As HTTP APIs spell it; `{path+}` takes slashes too. */
  readonly path: string
  readonly access: 'token' | 'open'
}

const { GET, POST } = HttpMethod

/**
 * Every route of the API, one by one: a catch-all with an authorizer would swallow the preflight
 * requests of browsers (Amazon API Gateway Developer Guide, "Configure CORS for HTTP APIs").
 */
export const API_ROUTES: readonly ApiRoute[] = [
  { method: POST, path: '/jobs', access: 'token' },
  { method: GET, path: '/jobs', access: 'token' },
  { method: GET, path: '/jobs/{id}', access: 'token' },
  { method: GET, path: '/jobs/{id}/result', access: 'token' },
  { method: GET, path: '/jobs/{id}/logs', access: 'token' },
  { method: POST, path: '/jobs/{id}/cancel', access: 'token' },
  { method: POST, path: '/jobs/{id}/retry', access: 'token' },
  { method: GET, path: '/jobs/{id}/artifacts', access: 'token' },
  { method: POST, path: '/uploads', access: 'token' },
  { method: GET, path: '/output', access: 'token' },
  { method: POST, path: '/output/ack', access: 'token' },
  { method: POST, path: '/api/predict/{service}', access: 'token' },
  { method: POST, path: '/api/predict/{service}/{path+}', access: 'token' },
  { method: GET, path: '/service', access: 'token' },
  { method: GET, path: '/healthz', access: 'open' },
  { method: GET, path: '/openapi.json', access: 'open' },
]
