/**
 * A number from 0 up to, not including, 1 that follows from a seed and what it is drawn for. Calls
 * arrive in another order in every run; numbers drawn one after the other would then belong to other
 * calls each time.
 */
export function roll(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5 ^ seed
  for (const char of parts.join('\n')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  }
  return mix(hash) / 2 ** 32
}

/** The numbers that follow from one seed and purpose, in order. */
export function makeRandom(seed: number, ...parts: readonly (string | number)[]): () => number {
  let drawn = 0
  return () => roll(seed, ...parts, (drawn += 1))
}

/** Spreads a hash over all 32 bits (the last steps of MurmurHash3). */
function mix(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
