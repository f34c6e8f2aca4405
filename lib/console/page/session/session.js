/** The token of this tab: kept until the tab closes, never in an address or a file. */

const KEY = 'scalable-job-token'

/**
 * Takes a token from the address (`#token=…`, as the start of the service prints it) and removes
 * it there, so that it stays out of history, bookmarks and screenshots.
 */
export function takeTokenFromAddress() {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1]
  if (token === undefined) return
  history.replaceState(null, '', `${location.pathname}${location.search}#/`)
  try {
    saveToken(decodeURIComponent(token))
  } catch {
    // Not a token that any link of ours would carry: the page asks for one.
  }
}

/** @returns {string | undefined} */
export function readToken() {
  return sessionStorage.getItem(KEY) ?? undefined
}

/** @param {string} token */
export function saveToken(token) {
  sessionStorage.setItem(KEY, token)
}

export function forgetToken() {
  sessionStorage.removeItem(KEY)
}
