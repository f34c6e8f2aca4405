import { defineConfig } from 'vitest/config'

// Whole services start in many of these files (real processes, real HTTP): two files at a time
// is what two cores carry without starving a worker of its beats.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: './test/support/bundle-worker-for-tests.ts',
    reporters: ['default', './test/support/unfinished-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
