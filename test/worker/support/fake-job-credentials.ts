import type {
  CredentialHolder,
  JobCredentials,
  SessionCredentials,
} from '../../../lib/ports/job-credentials.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'

const HOUR_MS = 3_600_000

/** An issuer that names the holder in what it gives, counts, and can be away or slow. */
export class FakeJobCredentials implements JobCredentials {
  readonly issued: CredentialHolder[] = []
  readonly #nowMs: () => number
  isAway = false
  isClosed = false
  /** While set, answers wait for it. */
  gate: Promise<void> | undefined

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
  }

  async issue(holder: CredentialHolder): Promise<SessionCredentials> {
    this.issued.push(holder)
    const number = this.issued.length
    await this.gate
    if (this.isAway) throw new PortUnavailable('credentials', 'issue', new Error('away'))
    const name = holder.kind === 'job' ? `job-${holder.jobId}-${holder.attempt}` : 'service'
    return {
      accessKeyId: name,
      secretAccessKey: `secret of ${name}`,
      sessionToken: `session ${number}`,
      expiresAtMs: this.#nowMs() + HOUR_MS,
    }
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}
