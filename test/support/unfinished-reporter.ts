import type { Reporter, TestModule } from 'vitest/node'

/**
 * Names the files whose process ended before their tests did (killed, out of memory, crashed):
 * Vitest itself says only that some process "exited unexpectedly".
 */
// eslint-disable-next-line import/no-default-export -- Vitest takes a reporter so
export default class UnfinishedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      const tests = [...module.children.allTests('pending')]
      const isUnfinished = module.state() === 'pending' || module.state() === 'queued'
      if (!isUnfinished && tests.length === 0) continue
      const names = tests.map(({ fullName }) => `\n    ${fullName}`).join('')
      process.stderr.write(`\n  never finished: ${module.relativeModuleId}${names}\n`)
    }
  }
}
