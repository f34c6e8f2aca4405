import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { defineConfig } from 'vitest/config'

/** Tests that start no process, no service and no emulator: a new file in these folders is one of them. */
const PURE = [
  'test/{api,docs,job,pace,parsing,ports,registry,scaler,scaling,service}/**/*.test.ts',
  'test/cdk/**/*.test.ts',
  'test/adapters/{aws,folder,node,sqlite}/**/*.test.ts',
  'test/hostile/{edges/api,edges/covered,edges/settings-and-stores,tenants/reach}.test.ts',
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

const pure = globSync(PURE, { cwd: import.meta.dirname, exclude: NOT_PURE })

const SETUP = ['./test/support/own-temporary-folder.ts', './test/support/build-for-tests.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    env: { TMPDIR: join(tmpdir(), `scalable-job-tests-${process.pid}`) },
    maxWorkers: 2,
    reporters: ['default', './test/support/unfinished-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: pure,
          // One process for many files: aws-cdk-lib is loaded once, not once a file.
          isolate: false,
          globalSetup: SETUP,
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.test.ts'],
          exclude: pure,
          globalSetup: SETUP,
        },
      },
    ],
  },
})
