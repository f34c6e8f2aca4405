import * as iam from 'aws-cdk-lib/aws-iam'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { ENV } from '../../registry/env.ts'
import { acknowledge } from '../acknowledge.ts'

const TOKEN_CHARS = 43 // over 256 bits of letters and digits

/**
 * The secret with the tokens of the API. The first deploy makes `token`, which acts for every tenant
 * and goes to a front end; later deploys leave the secret alone. To rotate without a deploy, or to
 * add tokens of tenants, put a new value: `{"token":"…","tokens":[{"tenant":"vision","token":"…"}]}`.
 * It counts within a minute.
 */
export class ApiTokens extends Construct {
  /** Its field `token` is the one for every tenant. */
  readonly secret: secretsmanager.Secret
  readonly environment: Readonly<Record<string, string>>

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Tokens of a Scalable Job API',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'token',
        passwordLength: TOKEN_CHARS,
        excludePunctuation: true,
        includeSpace: false,
      },
    })
    this.environment = { [ENV.tokenSecret.name]: this.secret.secretArn }
    acknowledge(this.secret, [
      {
        id: 'AwsSolutions-SMG4',
        reason:
          'Clients outside AWS hold these tokens, so a rotation that they do not know of would lock them out. An owner rotates by putting a new value, which may hold the old token beside the new one; functions take it up within a minute, without a deploy.',
      },
    ])
  }

  /** Reading the tokens, and nothing else about the secret. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [this.secret.secretArn],
    })
  }
}
