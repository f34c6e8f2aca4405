/** Installs cfn-lint, which checks the templates in test/snapshots, into `.cache/cfn-lint`. */
import { installPackages } from './python/install-packages.ts'

try {
  await installPackages({ name: 'cfn-lint', packages: ['cfn-lint==1.58.0'] })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
