import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { findPureTests } from './test/support/pure-tests.ts'

const pure = findPureTests()
const SETUP = ['./test/support/own-temporary-folder.ts', './test/support/build-for-tests.ts']

/** Minutes of generated requests: `npm run schemathesis`, as `.ci/run` does. */
const LEFT_OUT =
  process.env['SCHEMATHESIS_EXAMPLES'] === undefined ? ['test/hostile/schemathesis/**'] : []

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
          exclude: [...pure, ...LEFT_OUT],
          globalSetup: SETUP,
        },
      },
    ],
  },
})
