import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

export interface ApiStageProps {
  readonly httpApi: apigateway.HttpApi
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number }
}

/**
 * Route and tenant of each request, and why a door stayed shut. Neither the address's query, which
 * may hold payload, nor any header.
 */
const ACCESS_LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    route: AccessLogField.contextRouteKey(),
    status: AccessLogField.contextStatus(),
    tenant: AccessLogField.contextAuthorizer('tenant'),
    ms: AccessLogField.contextResponseLatency(),
    bytes: AccessLogField.contextResponseLength(),
    error: AccessLogField.contextErrorMessage(),
    authorizerError: AccessLogField.contextAuthorizerError(),
    integrationError: AccessLogField.contextIntegrationErrorMessage(),
  }),
)

/** The stage that serves the API at its root: throttled, with an access log kept for 30 days. */
export class ApiStage extends Construct {
  /** Without a slash at its end. */
  readonly url: string

  constructor(scope: Construct, id: string, { httpApi, throttle }: ApiStageProps) {
    super(scope, id)
    new apigateway.HttpStage(this, 'Default', {
      httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(this.#makeLogGroup()),
        format: ACCESS_LOG_FORMAT,
      },
    })
    this.url = httpApi.apiEndpoint
  }

  /**
   * The name decides who may write: below `/aws/vendedlogs/` API Gateway needs no entry in the
   * account's one resource policy for logs, which is full after a few dozen APIs (Amazon CloudWatch
   * Logs User Guide, "Enabling logging from AWS services").
   */
  #makeLogGroup(): logs.LogGroup {
    const name = `${Stack.of(this).stackName}/${this.node.addr.slice(-8)}`
    return new logs.LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/scalable-job/${name}`,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
  }
}
