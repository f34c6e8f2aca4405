/** The authorizer's program: environment → secret → {@link authorize}. */
import { SecretText } from '../../lib/aws/secret-text.ts'
import { makeJsonLog } from '../../lib/embedded/json-log.ts'
import { systemClock } from '../../lib/embedded/system-clock.ts'
import { tokenSecretFromEnv } from '../function-settings.ts'
import { authorize, type AuthorizerAnswer, type AuthorizerEvent } from './authorize.ts'
import { TokenSource } from './token-source.ts'

const secret = new SecretText({}, tokenSecretFromEnv(process.env))
const tokens = new TokenSource({
  read: () => secret.read(),
  clock: systemClock,
  log: makeJsonLog({ write: (line) => void process.stdout.write(line), level: 'info' }),
})

export const handler = (event: AuthorizerEvent): Promise<AuthorizerAnswer> =>
  authorize(tokens, event)
