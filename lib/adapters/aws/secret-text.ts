import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { ConnectionSettings } from './aws-settings.ts'
import { bounded } from './bounded.ts'
import { clientSettings, limitsOf } from './client-settings.ts'

/** The text of one secret in Secrets Manager. */
export class SecretText {
  readonly #client: SecretsManagerClient
  readonly #secretId: string
  readonly #callMs: number

  /** @param secretId name or ARN */
  constructor(settings: ConnectionSettings, secretId: string) {
    this.#client = new SecretsManagerClient(clientSettings(settings, 'secrets'))
    this.#secretId = secretId
    this.#callMs = limitsOf(settings, 'secrets').callMs
  }

  /**
   * The text as it stands now; nothing is kept.
   *
   * @throws PortUnavailable when it cannot be read in time, or may not be read
   */
  read(): Promise<string> {
    const bound = { port: 'secrets', action: 'read', callMs: this.#callMs }
    return bounded(bound, async (signal) => {
      const command = new GetSecretValueCommand({ SecretId: this.#secretId })
      const { SecretString } = await this.#client.send(command, { abortSignal: signal })
      if (SecretString === undefined) throw new Error('the secret is binary, not text')
      return SecretString
    })
  }
}
