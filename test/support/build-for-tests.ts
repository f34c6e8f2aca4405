/** Before all tests: the programs as users run them, once for all files. */
export { buildIfChanged as setup } from '../../scripts/build/build.ts'
