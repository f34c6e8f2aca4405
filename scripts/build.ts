/**
 * `node scripts/build.ts`: makes `dist/`, everything that runs outside of the sources. With
 * `--if-changed` only what programs of this repository need, and only where a source is newer.
 */
import process from 'node:process'
import { buildAll, buildIfChanged } from './build/build.ts'

await (process.argv.includes('--if-changed') ? buildIfChanged() : buildAll())
