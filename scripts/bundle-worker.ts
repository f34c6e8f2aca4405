/**
 * `node scripts/bundle-worker.ts [folder]`: bundles the worker as `cdk deploy` does, for images that
 * are built elsewhere and for a look at what is in it.
 */
import { resolve } from 'node:path'
import { bundleWorker, writeBundle } from '../lib/worker-program/bundle-worker.ts'

const folder = resolve(process.argv[2] ?? 'dist/worker')
writeBundle(bundleWorker(), folder)
console.log(folder)
