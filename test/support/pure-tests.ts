import { globSync } from 'node:fs'
import { resolve } from 'node:path'

/** Tests that start no process, no service and no emulator: a new file in these folders is one of them. */
const PURE = [
  'test/{api,docs,job,pace,parsing,ports,registry,scaler,scaling,service}/**/*.test.ts',
  'test/cdk/**/*.test.ts',
  'test/adapters/{aws,folder,node,sqlite}/**/*.test.ts',
  'test/hostile/{edges/api,edges/api-headers,edges/covered,edges/settings-and-stores,tenants/reach}.test.ts',
  'test/worker/{active-jobs,protection-keeper}.test.ts',
  'test/worker/{beats,logs}/**/*.test.ts',
  'test/tools/{faults/accounting,mutate/places}.test.ts',
]

/** Files in those folders that start something after all. */
const NOT_PURE = [
  'test/cdk/{examples,synth}.test.ts',
  'test/adapters/aws/{dynamo-{faults,table},s3-{faults,files}}.test.ts',
  'test/adapters/aws/{sqs-queues,sts-job-credentials,ecs-fleet}.test.ts',
  'test/worker/logs/job-log.test.ts',
  'test/adapters/sqlite/several-processes.test.ts',
]

/** From the root of the repository. */
export function findPureTests(): string[] {
  return globSync(PURE, { cwd: resolve(import.meta.dirname, '../..'), exclude: NOT_PURE })
}
