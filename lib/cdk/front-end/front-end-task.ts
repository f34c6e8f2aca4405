import { RemovalPolicy } from 'aws-cdk-lib'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { ENV, JOB_ENV } from '../../registry/env.ts'
import type { FrontEnd as FrontEndSettings } from '../../service/service.ts'
import { acknowledge } from '../acknowledge.ts'
import { fargateSizeFor } from '../fleet/machines/fargate-size.ts'
import type { WorkerFleet } from '../fleet/worker-fleet.ts'
import { logTo, makeLogGroup } from '../fleet/worker-log.ts'

export interface FrontEndTaskProps {
  readonly settings: FrontEndSettings
  readonly fleet: WorkerFleet
  readonly apiUrl: string
  readonly tokenSecret: secretsmanager.ISecret
  readonly removalPolicy?: RemovalPolicy
}

/** The task definition of the front end. */
export class FrontEndTask extends Construct {
  readonly containerName = 'front-end'
  readonly definition: ecs.CfnTaskDefinition
  readonly role: iam.Role

  constructor(scope: Construct, id: string, props: FrontEndTaskProps) {
    super(scope, id)
    const { fleet, settings, tokenSecret } = props
    this.role = this.#makeRole()
    tokenSecret.grantRead(fleet.executionRole)
    const size = fargateSizeFor(settings, 'front_end')
    const roles = { taskRole: this.role, jobRole: this.role }
    const { volumes, mountPoints } = fleet.storage.volumesFor('fargate', roles)
    this.definition = new ecs.CfnTaskDefinition(this, 'Definition', {
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: String(size.cpuUnits),
      memory: String(size.memoryMib),
      taskRoleArn: this.role.roleArn,
      executionRoleArn: fleet.executionRole.roleArn,
      runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
      volumes,
      containerDefinitions: [{ ...this.#makeContainer(props), mountPoints }],
    })
    this.definition.node.addDependency(fleet.executionRole)
    acknowledge(this.definition, [
      {
        id: 'AwsSolutions-ECS2',
        reason: 'The variables are settings of service.json; the token comes from its secret.',
      },
    ])
  }

  #makeContainer(props: FrontEndTaskProps) {
    const { settings, fleet, apiUrl, tokenSecret, removalPolicy } = props
    const { port, env, command, image } = settings
    const logGroup = makeLogGroup(this, 'Log', {
      removalPolicy: removalPolicy ?? RemovalPolicy.DESTROY,
    })
    logGroup.grantWrite(fleet.executionRole)
    const environment = { ...env, [JOB_ENV.port.name]: String(port), [ENV.apiUrl.name]: apiUrl }
    return {
      name: this.containerName,
      ...fleet.userImages.use(image),
      essential: true,
      ...(command !== undefined && { entryPoint: ['/bin/sh', '-c'], command: [command] }),
      environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      secrets: [{ name: ENV.token.name, valueFrom: `${tokenSecret.secretArn}:token::` }],
      portMappings: [{ containerPort: port, protocol: 'tcp' }],
      linuxParameters: { initProcessEnabled: true },
      logConfiguration: logTo(logGroup, this.containerName),
    }
  }

  #makeRole(): iam.Role {
    return new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      description: 'The front end; it reaches the service with the token alone',
    })
  }
}
