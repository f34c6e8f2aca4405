const BYTES = 16

/**
 * A name that nobody else has, for an Idempotency-Key. Not `crypto.randomUUID()`: browsers have that
 * on https and localhost only, and this page is also read from other machines of a network.
 */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
