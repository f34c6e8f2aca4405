import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'
import { ROUTE_PLACES } from '../../api/contract/route-places.ts'

export interface ApiRoute {
  readonly method: HttpMethod
  /** As HTTP APIs spell it; `{path+}` takes slashes too. */
  readonly path: string
  readonly access: 'token' | 'open'
}

/**
 * Every route of the API, one by one: a catch-all with an authorizer would swallow the preflight
 * requests of browsers (Amazon API Gateway Developer Guide, "Configure CORS for HTTP APIs").
 */
export const API_ROUTES: readonly ApiRoute[] = Object.values(ROUTE_PLACES).map((place) => ({
  method: place.method === 'get' ? HttpMethod.GET : HttpMethod.POST,
  path: 'takesSlashes' in place ? place.path.replace(/\}$/, '+}') : place.path,
  access: place.access,
}))
