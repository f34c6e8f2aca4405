/** Programs that the worker starts beside itself; they lie beside this file, also when bundled. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

export const GUARD_PROGRAM = new URL(`./guard/guard.${extension}`, import.meta.url)
export const BEAT_THREAD = new URL(`./beats/beat-thread.${extension}`, import.meta.url)
