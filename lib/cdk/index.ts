/** What an app of your own imports: the constructs, and the way from a `service.json` to a service. */
export { ScalableJob } from './scalable-job.ts'
export type { ScalableJobProps } from './scalable-job-props.ts'
export { ScalableJobStack, type ScalableJobStackProps } from './scalable-job-stack.ts'
export type { TaskType } from '../job/job.ts'
export type { MetricName } from '../registry/metrics.ts'
export { parseServiceConfig } from '../service/parse-service-config.ts'
export { readServiceFile } from '../service/read-service-file.ts'
export type { Service } from '../service/service.ts'
