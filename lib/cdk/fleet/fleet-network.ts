import * as ec2 from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { acknowledge } from '../acknowledge.ts'

/** Where workers run. */
export interface NetworkProps {
  /**
   * @default a VPC with public subnets in two zones, without NAT gateway and with the free gateway
   * endpoints for S3 and DynamoDB: it costs nothing while nothing runs
   */
  readonly vpc?: ec2.IVpc
  /**
   * In private subnets workers need a way to ECS, SQS, STS and their registry: a NAT gateway, or
   * interface endpoints.
   *
   * @default the public subnets
   */
  readonly subnets?: ec2.SubnetSelection
}

/** Zones of the VPC that is made here: two are what a stack without an account may name. */
const MAX_ZONES = 2

/**
 * The network of the workers. They call out and nobody calls them: no inbound rule, and a public
 * address only where their subnets are public.
 */
export class FleetNetwork extends Construct {
  readonly vpc: ec2.IVpc
  readonly subnets: ec2.SelectedSubnets
  readonly securityGroup: ec2.SecurityGroup

  constructor(scope: Construct, id: string, { vpc, subnets }: NetworkProps) {
    super(scope, id)
    this.vpc = vpc ?? (makeVpc(this) as ec2.IVpc)
    this.subnets = this.vpc.selectSubnets(subnets ?? { subnetType: ec2.SubnetType.PUBLIC })
    this.securityGroup = new ec2.SecurityGroup(this, 'Workers', {
      vpc: this.vpc,
      description: 'Workers: no inbound rule, they only call out',
    })
  }

  /** Whether what runs here can have, and needs, a public address. */
  get isPublic(): boolean {
    return this.subnets.hasPublic
  }
}

function makeVpc(scope: Construct): ec2.Vpc {
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    maxAzs: MAX_ZONES,
    natGateways: 0,
    subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC }],
    // Emptying the default group takes a Lambda of its own; nothing here uses that group.
    restrictDefaultSecurityGroup: false,
  })
  vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 })
  vpc.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB })
  acknowledge(vpc, [
    {
      id: 'AwsSolutions-VPC7',
      reason: 'Flow logs are a standing bill; an own VPC with flow logs can be given.',
    },
  ])
  return vpc
}
