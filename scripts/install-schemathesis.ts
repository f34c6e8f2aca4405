/** Installs schemathesis, which tries the API by its own document, into `.cache/schemathesis`. */
import { installPackages } from './python/install-packages.ts'

try {
  await installPackages({ name: 'schemathesis', packages: ['schemathesis==4.32.5'] })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
