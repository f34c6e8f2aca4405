/** Gives the SDK what it needs before it sends anything, and keeps tests off real accounts. */
export function useTestCredentials(): void {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  })
  delete process.env['AWS_PROFILE']
  delete process.env['AWS_SESSION_TOKEN']
}
