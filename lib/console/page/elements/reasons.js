/** Sentences for the stable words of ends and decisions, from the registries of the service. */

/** @type {Promise<Record<string, string>> | undefined} */
let loading

/** @returns {Promise<Record<string, string>>} empty when they cannot be loaded */
export function loadReasons() {
  loading ??= fetch('/console/reasons.json', { signal: AbortSignal.timeout(10_000) })
    .then((response) => response.json())
    .catch(() => {
      loading = undefined
      return {}
    })
  return loading
}
