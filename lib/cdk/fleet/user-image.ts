import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Annotations, SecretValue, Stack } from 'aws-cdk-lib'
import * as ecrAssets from 'aws-cdk-lib/aws-ecr-assets'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { ServiceError } from '../../registry/errors.ts'
import { acknowledge } from '../acknowledge.ts'

export interface UserImagesProps {
  /** Pulls the images. */
  readonly executionRole: iam.IRole
  /**
   * Where the folders of images such as `./` begin: the folder of service.json.
   *
   * @default the current folder
   */
  readonly folder?: string
  /** `dockerAuth` of service.json: base64 of `user:password`. */
  readonly registryAuth?: string
  /** A secret `{"username": …, "password": …}`, in place of `registryAuth`. */
  readonly registrySecret?: secretsmanager.ISecret
}

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/trainer:3` */
const ECR_IMAGE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/

/** `.`, `./` or `../trainer`: a folder with a Dockerfile in place of an image's name. */
const FOLDER_IMAGE = /^\.{1,2}(?:\/|$)/

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']

/** Lets ECS pull the images that service.json names, wherever they are, or builds them. */
export class UserImages extends Construct {
  readonly #executionRole: iam.IRole
  readonly #secret: secretsmanager.ISecret | undefined
  readonly #folder: string
  readonly #built = new Map<string, string>()

  constructor(scope: Construct, id: string, props: UserImagesProps) {
    super(scope, id)
    const { executionRole, registryAuth, registrySecret } = props
    this.#executionRole = executionRole
    this.#folder = resolve(props.folder ?? '.')
    const isLoginGiven = registrySecret === undefined && registryAuth !== undefined
    this.#secret = isLoginGiven ? this.#makeSecret(registryAuth) : registrySecret
    this.#secret?.grantRead(executionRole)
  }

  /** What a container definition says of the image; the role is allowed to pull it. */
  use(image: string): {
    image: string
    repositoryCredentials?: { credentialsParameter: string }
  } {
    if (FOLDER_IMAGE.test(image)) return { image: this.#build(image) }
    const [, account, region, repository] = ECR_IMAGE.exec(image) ?? []
    if (account !== undefined && region !== undefined && repository !== undefined) {
      this.#grantEcr(account, region, repository)
      return { image }
    }
    if (this.#secret === undefined) return { image }
    return { image, repositoryCredentials: { credentialsParameter: this.#secret.secretArn } }
  }

  /** Built by the deploy, not by synthesis. Two containers of one folder share the image. */
  #build(image: string): string {
    const directory = resolve(this.#folder, image)
    const built = this.#built.get(directory)
    if (built !== undefined) return built
    if (!existsSync(join(directory, 'Dockerfile'))) {
      const problem = 'is a folder without a Dockerfile'
      const allowed = 'an image of a registry, or a folder with a Dockerfile'
      const message = `the image "${image}" ${problem}: ${directory}`
      const details = [{ path: 'containers[0].image', problem, got: image, allowed }]
      throw new ServiceError('invalid-service-config', message, { details })
    }
    const asset = new ecrAssets.DockerImageAsset(this, `Image${this.#built.size}`, {
      directory,
      platform: ecrAssets.Platform.LINUX_AMD64,
    })
    asset.repository.grantPull(this.#executionRole)
    this.#built.set(directory, asset.imageUri)
    return asset.imageUri
  }

  #grantEcr(account: string, region: string, resourceName: string): void {
    const resource = 'repository'
    const arn = Stack.of(this).formatArn({
      service: 'ecr',
      account,
      region,
      resource,
      resourceName,
    })
    iam.Grant.addToPrincipal({
      grantee: this.#executionRole,
      actions: PULL,
      resourceArns: [arn],
    })
    iam.Grant.addToPrincipal({
      grantee: this.#executionRole,
      actions: ['ecr:GetAuthorizationToken'],
      resourceArns: ['*'],
    })
  }

  #makeSecret(registryAuth: string): secretsmanager.ISecret {
    const [username = '', ...rest] = atob(registryAuth).split(':')
    const secret = new secretsmanager.Secret(this, 'Login', {
      description: 'Login of the registry, from dockerAuth of service.json',
      secretObjectValue: {
        username: SecretValue.unsafePlainText(username),
        password: SecretValue.unsafePlainText(rest.join(':')),
      },
    })
    Annotations.of(this).addWarningV2(
      '@scalable-job/registry-login-in-template',
      'dockerAuth of service.json stands in the template in plain text; give `registrySecret` to keep it out',
    )
    acknowledge(secret, [
      {
        id: 'AwsSolutions-SMG4',
        reason: 'The login belongs to a foreign registry; only its owner can change it.',
      },
    ])
    return secret as secretsmanager.ISecret
  }
}
