/**
 * One training service as a part of a stack of your own, beside whatever else is in it:
 *
 *     npm run build && npx cdk deploy --app "npx node examples/kohya-independent/app.ts"
 */
import { join } from 'node:path'
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import { readServiceFile, ScalableJob } from 'scalable-job/cdk'

const app = new App()
const stack = new Stack(app, 'Training')

const job = new ScalableJob(stack, 'Kohya', {
  service: readServiceFile(join(import.meta.dirname, 'service.json')),
  corsOrigins: ['https://train.example.com'],
  jobRetention: Duration.days(180),
})

// Front ends elsewhere in the account, as tasks with this role: they read the tokens and submit.
const frontEnds = new iam.Role(stack, 'FrontEnds', {
  assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
  description: 'Front ends that send trainings to the service',
})
job.grantSubmit(frontEnds)
job.grantReadResults(frontEnds)

new CfnOutput(stack, 'ApiUrl', { value: job.apiUrl })
new CfnOutput(stack, 'TokenSecret', { value: job.tokenSecret.secretArn })

app.synth()
