import type { Route } from './route.ts'
import { ackOutput } from './routes/ack-output.ts'
import { artifacts } from './routes/artifacts.ts'
import { cancelJob } from './routes/cancel-job.ts'
import { getJob } from './routes/get-job.ts'
import { healthz } from './routes/healthz.ts'
import { listJobsRoute } from './routes/list-jobs.ts'
import { logs } from './routes/logs.ts'
import { openapi } from './routes/openapi.ts'
import { output } from './routes/output.ts'
import { put, putPath } from './routes/put.ts'
import { result } from './routes/result.ts'
import { retryJob } from './routes/retry-job.ts'
import { serviceRoute } from './routes/service.ts'
import { submitJob } from './routes/submit-job.ts'
import { uploads } from './routes/uploads.ts'

/** Every route of the API, in the order in which they are documented. */
export const ROUTES: readonly Route[] = [
  submitJob,
  listJobsRoute,
  getJob,
  result,
  logs,
  cancelJob,
  retryJob,
  artifacts,
  uploads,
  output,
  ackOutput,
  put,
  putPath,
  serviceRoute,
  healthz,
  openapi,
]
