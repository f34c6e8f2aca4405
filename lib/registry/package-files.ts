import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }

/**
 * Files that belong to the package and are no modules. `npm run build` makes them (see
 * `scripts/build/`); sources and built programs alike find them below the package's own folder.
 */
const DIST = join(findPackage(import.meta.dirname), 'dist')

/** The worker as plain JavaScript: `main.js`, and beside it the programs that it starts. */
export const WORKER_FOLDER = join(DIST, 'image/worker')
/** From which the worker's image is built. */
export const IMAGE_FOLDER = join(DIST, 'image')
/** One folder a function, with an `index.mjs`. */
export const LAMBDAS_FOLDER = join(DIST, 'lambdas')
/** The web page. */
export const CONSOLE_FOLDER = join(DIST, 'console')
/** The app that the CDK command line runs. */
export const CDK_APP = join(DIST, 'app.js')
/** The service that runs where no other is named. */
export const EXAMPLE_SERVICE = join(DIST, 'examples/digits/service.json')

function findPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackage(dirname(folder))
}

/** Version of Scalable Job itself. */
export const API_VERSION = packageJson.version
