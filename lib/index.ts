/** What an app of your own imports: the constructs, and the way from a `service.json` to a service. */
export { ScalableJob } from './constructs/scalable-job.ts'
export type { ScalableJobProps } from './constructs/scalable-job-props.ts'
export { ScalableJobStack, type ScalableJobStackProps } from './constructs/scalable-job-stack.ts'
export type { TaskType } from './core/job/job.ts'
export type { MetricName } from './core/metrics.ts'
export { parseServiceConfig } from './core/service-config/parse-service-config.ts'
export { parseServiceText } from './core/service-config/parse-service-text.ts'
export type { Service } from './core/service-config/service.ts'
