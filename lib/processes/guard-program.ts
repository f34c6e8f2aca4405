const isBundled = !import.meta.url.endsWith('.ts')

/** The guard's program: beside `main.js` in a bundle, beside this file in the sources. */
export const GUARD_PROGRAM = new URL(isBundled ? './guard.js' : './guard.ts', import.meta.url)
