/** Installs the AWS emulators that `lib/adapters/aws` is tested against into `.cache/emulators`. */
import { installPackages } from './python/install-packages.ts'

const packages = [
  'ministack==1.4.21',
  'moto[server]==5.2.5',
  // Older ones break off the 412 answers of conditional writes.
  'hypercorn==0.18.0',
]

try {
  await installPackages({ name: 'emulators', packages })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
