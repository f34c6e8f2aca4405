import type { CredentialHolder } from '../../lib/ports/job-credentials.ts'

/** What a program needs in its environment to get credentials; good until `close`. */
export interface CredentialGrant {
  readonly env: Readonly<Record<string, string>>
  close(): void
}

/** Where the programs of a worker get their credentials. */
export interface CredentialSource {
  /** Never fails: a program that does not need credentials must not fail for them. */
  open(holder: CredentialHolder): Promise<CredentialGrant>
  close(): Promise<void>
}

/** One machine: programs hold no credentials of a cloud. */
export const noCredentials: CredentialSource = {
  open: () => Promise.resolve({ env: {}, close: () => undefined }),
  close: () => Promise.resolve(),
}
