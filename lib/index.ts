/** What a program that uses a service imports: the typed client. The constructs are `scalable-job/cdk`. */
export { connect, type ConnectOptions } from './client/connect.ts'
export { ApiError } from './client/api-error.ts'
export type { ArtifactFile, Job, LogLine } from './client/answers.ts'
export type { WaitOptions } from './client/call-api.ts'
export type { Client, SubmitOptions } from './client/client.ts'
export type { LogEvent } from './client/follow-logs.ts'
