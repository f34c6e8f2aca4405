/** What a program that uses a service imports: the typed client. The constructs are `scalable-job/cdk`. */
export { connect, type ConnectOptions } from './client/connect.ts'
export { ApiError } from './client/api-error.ts'
export type { Client, SubmitOptions, WaitOptions } from './client/client.ts'
