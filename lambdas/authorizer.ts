/** The authorizer's program: environment → secret → {@link authorize}. */
import { SecretText } from '../lib/adapters/aws/secret-text.ts'
import { makeJsonLog } from '../lib/adapters/node/json-log.ts'
import { systemClock } from '../lib/adapters/node/system-clock.ts'
import { tokenSecretFromEnv } from '../lib/adapters/aws/function-settings.ts'
import {
  authorize,
  type AuthorizerAnswer,
  type AuthorizerEvent,
} from '../lib/api/auth/authorize.ts'
import { TokenSource } from '../lib/api/auth/token-source.ts'

const secret = new SecretText({}, tokenSecretFromEnv(process.env))
const tokens = new TokenSource({
  read: () => secret.read(),
  clock: systemClock,
  log: makeJsonLog({ write: (line) => void process.stdout.write(line), level: 'info' }),
})

export const handler = (event: AuthorizerEvent): Promise<AuthorizerAnswer> =>
  authorize(tokens, event)
