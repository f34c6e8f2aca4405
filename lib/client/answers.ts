/** What the API takes and answers, as its contract says. Types only: nothing of it runs. */
import type { z } from 'zod'
import type {
  ackAnswerSchema,
  artifactsAnswerSchema,
  cancelAnswerSchema,
  healthSchema,
  jobPageSchema,
  LogLineView,
  logPageSchema,
  outputAnswerSchema,
  PutAnswer,
  uploadAnswerSchema,
} from '../api/contract/answers.ts'
import type { JobView } from '../api/contract/job-view-schema.ts'
import type { ServiceView } from '../api/contract/service-view.ts'
import type { submitBodySchema } from '../api/contract/submit-body.ts'
import type { EndStatus } from '../job/job.ts'

export type NewJob = z.input<typeof submitBodySchema>
export type Job = JobView
export type JobPage = z.infer<typeof jobPageSchema>
export type CancelAnswer = z.infer<typeof cancelAnswerSchema>
export type LogLine = LogLineView
export type LogPage = z.infer<typeof logPageSchema>
export type ArtifactsAnswer = z.infer<typeof artifactsAnswerSchema>
export type ArtifactFile = ArtifactsAnswer['files'][number]
export type UploadAnswer = z.infer<typeof uploadAnswerSchema>
export type OutputAnswer = z.infer<typeof outputAnswerSchema>
export type AckAnswer = z.infer<typeof ackAnswerSchema>
export type Health = z.infer<typeof healthSchema>
export type { PutAnswer, ServiceView }

/** What a job came to. */
export interface JobResult {
  readonly status: EndStatus
  readonly contentType: string
  /** The model's answer; for jobs without one, how it ended as JSON. */
  readonly body: Buffer
}
