/** Headers of one hop only, which are not passed on. Source: RFC 9110, section 7.6.1. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Set again for this hop, from the request that is really sent. */
const SET_HERE = new Set(['host', 'content-length', 'expect'])

/** The headers that go on to the model server: also without those that `Connection` names. */
export function toForwardedHeaders(
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const named = lower.filter(([name]) => name === 'connection').flatMap(([, v]) => v.split(','))
  const dropped = new Set(named.map((name) => name.trim().toLowerCase()))
  return Object.fromEntries(
    lower.filter(([name]) => !HOP_BY_HOP.has(name) && !SET_HERE.has(name) && !dropped.has(name)),
  )
}
