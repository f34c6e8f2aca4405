/**
 * The init container of an ECS task: `install <from> <to>` copies Node and the bundled worker into
 * the volume that it shares with the user's container, and writes the service of this version
 * beside them. It runs in an image without a shell, so it does the copying itself.
 *
 * Exit 0: all is in place. 2: the environment says nothing of the service, or an argument is missing.
 */
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { INSTALL_ENV, SERVICE_FILE_NAME } from '../lib/registry/agreements.ts'

const EXIT_MISUSE = 2

const [from, to] = process.argv.slice(2)
const service = process.env[INSTALL_ENV.service.name]
if (from === undefined || to === undefined || service === undefined) {
  process.stderr.write(`install <from> <to> with ${INSTALL_ENV.service.name} in the environment\n`)
  process.exit(EXIT_MISUSE)
}
cpSync(from, to, { recursive: true, force: true })
// Whatever user the image runs as has to read it.
writeFileSync(join(to, SERVICE_FILE_NAME), service, { mode: 0o644 })
