import { Duration } from 'aws-cdk-lib'
import type * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Construct } from 'constructs'
import { acknowledge } from '../acknowledge.ts'
import type { FleetNetwork } from '../fleet/fleet-network.ts'

export interface FrontDoorProps {
  readonly network: FleetNetwork
  /** Port of the front end. */
  readonly port: number
  readonly allowedCidrs: readonly string[]
  readonly certificate?: acm.ICertificate
}

const HTTP = 80
const HTTPS = 443
/** Pages that stream or poll keep a connection silent for longer than the usual minute. */
const IDLE_TIMEOUT = Duration.minutes(10)

/** The load balancer of the front end, closed but to the address ranges that are named. */
export class FrontDoor extends Construct {
  readonly url: string
  readonly securityGroup: ec2.SecurityGroup
  readonly targetGroup: elbv2.ApplicationTargetGroup
  readonly listener: elbv2.ApplicationListener

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id)
    const { network, certificate } = props
    this.securityGroup = this.#makeSecurityGroup(props)
    const balancer = new elbv2.ApplicationLoadBalancer(this, 'Balancer', {
      vpc: network.vpc,
      vpcSubnets: { subnets: network.subnets.subnets },
      internetFacing: network.isPublic,
      securityGroup: this.securityGroup,
      idleTimeout: IDLE_TIMEOUT,
      dropInvalidHeaderFields: true,
    })
    this.targetGroup = this.#makeTargetGroup(props)
    const isSecure = certificate !== undefined
    this.listener = balancer.addListener('Listener', {
      port: isSecure ? HTTPS : HTTP,
      open: false,
      defaultTargetGroups: [this.targetGroup],
      ...(isSecure && { certificates: [certificate], sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS }),
    })
    if (isSecure) balancer.addRedirect({ open: false })
    this.url = `${isSecure ? 'https' : 'http'}://${balancer.loadBalancerDnsName}`
    acknowledge(balancer, [
      {
        id: 'AwsSolutions-ELB2',
        reason: 'Access logs need a bucket that is kept; the front end logs its own requests.',
      },
    ])
  }

  #makeSecurityGroup({ network, allowedCidrs, certificate }: FrontDoorProps): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, 'Visitors', {
      vpc: network.vpc,
      description: 'Load balancer of the front end: the address ranges that may open it',
    })
    for (const cidr of allowedCidrs) {
      const peer = cidr.includes(':') ? ec2.Peer.ipv6(cidr) : ec2.Peer.ipv4(cidr)
      group.addIngressRule(peer, ec2.Port.tcp(HTTP), 'Visitors')
      if (certificate !== undefined) group.addIngressRule(peer, ec2.Port.tcp(HTTPS), 'Visitors')
    }
    return group
  }

  #makeTargetGroup({ network, port }: FrontDoorProps): elbv2.ApplicationTargetGroup {
    return new elbv2.ApplicationTargetGroup(this, 'FrontEnd', {
      vpc: network.vpc,
      port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: Duration.seconds(30),
      // A page that asks for a login, or moves elsewhere, is up.
      healthCheck: { path: '/', healthyHttpCodes: '200-499', interval: Duration.seconds(30) },
    })
  }
}
