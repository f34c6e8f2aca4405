const isBundled = !import.meta.url.endsWith('.ts')

/**
 * The beat thread lies beside `main.js` in a bundle. From sources a thread would strip types, for
 * which Node runs WebAssembly; where threads of one process do so, V8 writes to memory it has freed,
 * and the worker ends with a segmentation fault.
 *
 * @throws Error when the worker runs from its sources
 */
export function findBeatThread(): URL {
  if (isBundled) return new URL('./beat-thread.js', import.meta.url)
  throw new Error('a worker runs from its bundle only: npm run build makes it')
}
