import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { KICK_EVENT } from '../../registry/agreements.ts'
import type { Log } from '../../ports/log.ts'
import type { ScalerKick } from '../../ports/scaler-kick.ts'
import type { ConnectionSettings } from './aws-settings.ts'
import { bounded } from './bounded.ts'
import { clientSettings, limitsOf } from './client-settings.ts'

export interface LambdaKickOptions {
  readonly settings: ConnectionSettings
  /** Name or ARN of the scaler's function. */
  readonly functionName: string
  readonly log: Log
}

/** Kicks the scaler by invoking its function as an event: nobody waits for the look itself. */
export class LambdaKick implements ScalerKick {
  readonly #client: LambdaClient
  readonly #options: LambdaKickOptions
  readonly #callMs: number

  constructor(options: LambdaKickOptions) {
    this.#client = new LambdaClient(clientSettings(options.settings, 'kick'))
    this.#options = options
    this.#callMs = limitsOf(options.settings, 'kick').callMs
  }

  async kick(): Promise<void> {
    const { functionName, log } = this.#options
    try {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: JSON.stringify(KICK_EVENT),
      })
      await bounded({ port: 'kick', action: 'kick', callMs: this.#callMs }, (signal) =>
        this.#client.send(command, { abortSignal: signal }),
      )
    } catch (error) {
      log.warn('a kick was lost', { error: String(error) })
    }
  }
}
