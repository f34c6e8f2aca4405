const made = new Map<string, unknown>()

/**
 * Makes one thing once for each set of settings, however many tests ask for it. What holds more than
 * plain values (a construct, a duration) belongs to one app alone, and is made each time.
 */
export function makeOnce<Made>(settings: unknown, make: () => Made): Made {
  if (!isPlain(settings)) return make()
  const key = JSON.stringify(settings)
  const found = made.get(key) as Made | undefined
  if (found !== undefined) return found
  const fresh = make()
  made.set(key, fresh)
  return fresh
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null) return true
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isPlain)
}
