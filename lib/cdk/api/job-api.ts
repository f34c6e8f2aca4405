import { Duration } from 'aws-cdk-lib'
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2'
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { ENV } from '../../registry/env.ts'
import type { Service } from '../../service/service.ts'
import { EXPOSED_HEADERS } from '../../api/contract/route-places.ts'
import { acknowledge } from '../acknowledge.ts'
import { API_ROUTES } from './api-routes.ts'
import { API_VERSION } from '../../registry/package-files.ts'
import { ApiStage } from './api-stage.ts'
import type { ApiTokens } from './api-tokens.ts'
import type { FleetHandle } from '../fleet/fleet-handle.ts'
import { JobFunction } from '../job-function.ts'
import type { ScalerFunction } from '../scaler-function.ts'
import type { ServiceStores } from '../stores/service-stores.ts'

/** HTTP APIs give up after 30 s; long polls end after 20. */
const TIMEOUT = Duration.seconds(29)
/** A token that was taken away is let in this much longer at most. */
const AUTHORIZER_CACHE = Duration.seconds(60)
const AUTHORIZER_TIMEOUT = Duration.seconds(10)
const PREFLIGHT_AGE = Duration.hours(1)

export interface JobApiProps {
  readonly service: Service
  readonly stores: ServiceStores
  readonly tokens: ApiTokens
  readonly scaler: ScalerFunction
  readonly fleet: Pick<FleetHandle, 'environmentForScaler' | 'grantObserver'>
  readonly corsOrigins: readonly string[]
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number }
}

/**
 * The HTTPS API: an HTTP API whose authorizer lets in whoever has a token, and one function with the
 * same app as on one machine.
 */
export class JobApi extends Construct {
  readonly httpApi: apigateway.HttpApi
  readonly function: lambda.Function
  /** Without a slash at its end. */
  readonly url: string

  constructor(scope: Construct, id: string, props: JobApiProps) {
    super(scope, id)
    const { service, corsOrigins, throttle } = props
    this.httpApi = new apigateway.HttpApi(this, 'Api', {
      apiName: service.name,
      description: `Scalable Job: ${service.name}`,
      createDefaultStage: false,
      ...(corsOrigins.length > 0 && { corsPreflight: corsOf(corsOrigins) }),
    })
    const stage = new ApiStage(this, 'Stage', { httpApi: this.httpApi, throttle })
    this.url = stage.url
    this.function = this.#makeFunction(props)
    const integration = new HttpLambdaIntegration('Answer', this.function, {
      scopePermissionToRoute: false,
    })
    this.#addRoutes(integration, this.#makeAuthorizer(props))
  }

  #addRoutes(
    integration: HttpLambdaIntegration,
    authorizer: apigateway.IHttpRouteAuthorizer,
  ): void {
    const open = new apigateway.HttpNoneAuthorizer()
    for (const { method, path, access } of API_ROUTES) {
      const routes = this.httpApi.addRoutes({
        path,
        methods: [method],
        integration,
        authorizer: access === 'open' ? open : authorizer,
      })
      if (access === 'token') continue
      for (const route of routes) {
        acknowledge(route, [
          {
            id: 'AwsSolutions-APIG4',
            reason: `${path} is the same for everybody and names no job, tenant or setting: health checks and generators of clients read it before they have a token.`,
          },
        ])
      }
    }
  }

  #makeFunction(props: JobApiProps): lambda.Function {
    const { service, stores, tokens, scaler, fleet } = props
    const api = new JobFunction(this, 'Answer', {
      program: 'api',
      description: `API of ${service.name}`,
      memoryMib: 512,
      timeout: TIMEOUT,
      environment: {
        ...stores.environment,
        ...fleet.environmentForScaler,
        ...tokens.environment,
        [ENV.scalerFunction.name]: scaler.function.functionName,
        [ENV.apiVersion.name]: API_VERSION,
        [ENV.logLevel.name]: 'info',
      },
      service,
    })
    stores.grantApi(api)
    tokens.grantRead(api)
    scaler.grantKick(api)
    fleet.grantObserver(api)
    return api.function
  }

  #makeAuthorizer({ service, tokens }: JobApiProps): HttpLambdaAuthorizer {
    const authorizer = new JobFunction(this, 'Authorize', {
      program: 'authorizer',
      description: `Authorizer of ${service.name}`,
      memoryMib: 256,
      timeout: AUTHORIZER_TIMEOUT,
      environment: tokens.environment,
    })
    tokens.grantRead(authorizer)
    return new HttpLambdaAuthorizer('Token', authorizer.function, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.header.Authorization'],
      resultsCacheTtl: AUTHORIZER_CACHE,
    })
  }
}

function corsOf(origins: readonly string[]): apigateway.CorsPreflightOptions {
  return {
    allowOrigins: [...origins],
    allowMethods: [apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposeHeaders: [...EXPOSED_HEADERS],
    maxAge: PREFLIGHT_AGE,
  }
}
