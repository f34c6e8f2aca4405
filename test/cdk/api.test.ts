import { Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { ROUTES } from '../../lib/api/routes.ts'
import { synthService } from './synth-service.ts'

interface RouteProperties {
  readonly RouteKey: string
  readonly AuthorizationType: string
}

function routesOf(template: Template): RouteProperties[] {
  const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
  return routes.map(({ Properties }) => Properties as RouteProperties)
}

describe('the API', () => {
  const { template } = synthService()

  test('has every route of the app, each by its own name, and no other', () => {
    const expected = ROUTES.map(({ method, path, takesSlashes }) => {
      return `${method.toUpperCase()} ${takesSlashes ? path.replace('{path}', '{path+}') : path}`
    })
    expect(
      routesOf(template)
        .map(({ RouteKey }) => RouteKey)
        .toSorted(),
    ).toEqual(expected.toSorted())
  })

  test('asks for a token on exactly the routes on which the app does', () => {
    const open = ROUTES.filter(({ access }) => access === 'open').map(({ path }) => `GET ${path}`)
    const unguarded = routesOf(template).filter(
      ({ AuthorizationType }) => AuthorizationType !== 'CUSTOM',
    )
    expect(unguarded.map(({ RouteKey }) => RouteKey).toSorted()).toEqual(open.toSorted())
  })

  test('its authorizer gives a simple answer that is kept for a minute per token', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      EnableSimpleResponses: true,
      AuthorizerPayloadFormatVersion: '2.0',
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: ['$request.header.Authorization'],
    })
  })

  test('is throttled, and its access log has route and tenant but neither query nor headers', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      AccessLogSettings: {
        Format: Match.not(Match.stringLikeRegexp('querystring|context.path|header')),
      },
    })
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/'),
      RetentionInDays: 30,
    })
  })

  test('takes the throttling of its owner', () => {
    const props = { throttlingRateLimit: 5, throttlingBurstLimit: 7 }
    synthService({ props }).template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
    })
  })

  test('lets no page of another origin call it unless it is named', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() })
    const origin = 'https://train.example.com'
    const named = synthService({ props: { corsOrigins: [origin] } }).template
    named.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: Match.objectLike({
        AllowOrigins: [origin],
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: Match.arrayWith(['authorization', 'content-type']),
      }),
    })
    named.hasResourceProperties('AWS::S3::Bucket', {
      CorsConfiguration: { CorsRules: [Match.objectLike({ AllowedOrigins: [origin] })] },
    })
  })
})

describe('the token', () => {
  test('is made by the first deploy and stands nowhere in the template', () => {
    const { template } = synthService()
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: Match.objectLike({ GenerateStringKey: 'token', PasswordLength: 43 }),
      SecretString: Match.absent(),
    })
  })
})
