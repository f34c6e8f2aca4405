/** For whom credentials are. */
export type CredentialHolder =
  | { readonly kind: 'job'; readonly jobId: string; readonly attempt: number }
  /** The init command and the model server of one worker: programs of the service, of no job. */
  | { readonly kind: 'service'; readonly workerId: string }

/** Credentials that end by themselves. */
export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAtMs: number
}

/**
 * Credentials for what runs in a worker, narrower than the worker's own. One machine has none to
 * give: its jobs hold no credentials of a cloud.
 */
export interface JobCredentials {
  /**
   * New ones with each call, good for an hour at most. Those of a job reach the files of that job
   * and what the service's owner granted to all its jobs; those of the service only the latter.
   *
   * @throws PortUnavailable when none were given in time, or the worker may not have them
   */
  issue(holder: CredentialHolder): Promise<SessionCredentials>
  close(): Promise<void>
}
