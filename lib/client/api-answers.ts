/** What the API takes and answers, as its schemas say. */
import type { z } from 'zod'
import type {
  ackAnswerSchema,
  artifactsAnswerSchema,
  cancelAnswerSchema,
  healthSchema,
  jobPageSchema,
  logPageSchema,
  outputAnswerSchema,
  uploadAnswerSchema,
} from '../api/contract/answers.ts'
import type { submitBodySchema } from '../api/contract/submit-body.ts'

export type NewJob = z.input<typeof submitBodySchema>
export type JobPage = z.infer<typeof jobPageSchema>
export type CancelAnswer = z.infer<typeof cancelAnswerSchema>
export type LogPage = z.infer<typeof logPageSchema>
export type ArtifactsAnswer = z.infer<typeof artifactsAnswerSchema>
export type ArtifactFile = ArtifactsAnswer['files'][number]
export type UploadAnswer = z.infer<typeof uploadAnswerSchema>
export type OutputAnswer = z.infer<typeof outputAnswerSchema>
export type AckAnswer = z.infer<typeof ackAnswerSchema>
export type Health = z.infer<typeof healthSchema>
