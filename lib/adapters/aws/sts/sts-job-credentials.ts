import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts'
import { JOB_ID_TAG } from '../../../registry/agreements.ts'
import type {
  CredentialHolder,
  JobCredentials,
  SessionCredentials,
} from '../../../ports/job-credentials.ts'
import type { ConnectionSettings } from '../aws-settings.ts'
import { bounded } from '../bounded.ts'
import { clientSettings, limitsOf } from '../client-settings.ts'

/**
 * A session of a role that was assumed by another role lasts an hour at most, whatever the role says.
 * Source: AWS STS API Reference, AssumeRole, DurationSeconds.
 */
const SESSION_SECONDS = 3600
/** Source: AWS STS API Reference, AssumeRole, RoleSessionName. */
const MAX_NAME_CHARS = 64
const NOT_IN_A_NAME = /[^\w+=,.@-]/g

/** Sessions of the job role. The session of a job carries its id as a tag, and the role's policy rests on it. */
export class StsJobCredentials implements JobCredentials {
  readonly #client: STSClient
  readonly #roleArn: string
  readonly #callMs: number

  constructor(settings: ConnectionSettings, roleArn: string) {
    this.#client = new STSClient(clientSettings(settings, 'credentials'))
    this.#roleArn = roleArn
    this.#callMs = limitsOf(settings, 'credentials').callMs
  }

  issue(holder: CredentialHolder): Promise<SessionCredentials> {
    const command = new AssumeRoleCommand({
      RoleArn: this.#roleArn,
      DurationSeconds: SESSION_SECONDS,
      ...sessionOf(holder),
    })
    const bound = { port: 'credentials', action: 'issue', callMs: this.#callMs }
    return bounded(bound, async (signal) => {
      const { Credentials } = await this.#client.send(command, { abortSignal: signal })
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || Expiration === undefined) {
        throw new Error('the answer holds no credentials')
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiresAtMs: Expiration.getTime(),
      }
    })
  }

  close(): Promise<void> {
    this.#client.destroy()
    return Promise.resolve()
  }
}

/** The name is what CloudTrail shows. */
function sessionOf(
  holder: CredentialHolder,
): Pick<AssumeRoleCommandInput, 'RoleSessionName' | 'Tags'> {
  if (holder.kind === 'service') return { RoleSessionName: toName(`worker-${holder.workerId}`) }
  const { jobId, attempt } = holder
  return {
    RoleSessionName: toName(`job-${jobId}-${attempt}`),
    Tags: [{ Key: JOB_ID_TAG, Value: jobId }],
  }
}

function toName(text: string): string {
  return text.replaceAll(NOT_IN_A_NAME, '_').slice(0, MAX_NAME_CHARS)
}
