import { Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { ScalableJob } from './scalable-job.ts'
import type { ScalableJobProps } from './scalable-job-props.ts'
import { addOutputs } from './stack-outputs.ts'

export interface ScalableJobStackProps extends StackProps, ScalableJobProps {}

/** One service in a stack of its own, whose outputs say how to use and watch it. */
export class ScalableJobStack extends Stack {
  readonly job: ScalableJob

  constructor(scope: Construct, id: string, props: ScalableJobStackProps) {
    super(scope, id, {
      description: `Scalable Job: ${props.service.name}`,
      ...props,
    })
    this.job = new ScalableJob(this, 'Job', props)
    addOutputs(this, this.job)
  }
}
