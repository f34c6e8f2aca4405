import { defineConfig } from 'vitest/config'

/** The tests of the pure rooms: Stryker switches its faults on within the process of the tests. */
export default defineConfig({
  test: {
    include: ['test/{api,job,parsing,pace,scaler,scaling,service}/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
  },
})
