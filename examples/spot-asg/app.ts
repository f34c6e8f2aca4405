/**
 * Training on Spot machines of an Auto Scaling group:
 *
 *     npm run build && npx cdk deploy --app "npx node examples/spot-asg/app.ts"
 */
import { join } from 'node:path'
import { App, Duration } from 'aws-cdk-lib'
import { readServiceFile, ScalableJobStack } from 'scalable-job/cdk'

const service = readServiceFile(join(import.meta.dirname, 'service.json'))
const app = new App()

new ScalableJobStack(app, 'SpotTraining', {
  service,
  // Keeps the order of service.json: Spot first, on-demand for what Spot cannot give.
  capacity: {
    kind: 'auto-scaling-group',
    // A machine that is booted, with the image on it, waits this long for the next job.
    idleMachineSeconds: 300,
    diskGib: 150,
  },
  jobRetention: Duration.days(90),
  monitoring: { oldestWaitingSeconds: 3600 },
})

app.synth()
