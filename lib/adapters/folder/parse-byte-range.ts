const ONE_RANGE = /^bytes=(\d*)-(\d*)$/

/**
 * The bytes that a `Range` header asks for. A header that is absent, malformed or names several
 * ranges means the whole file (RFC 9110, section 14.2, allows to ignore it).
 */
export function parseByteRange(
  header: string | null,
  bytes: number,
): { readonly start: number; readonly end: number } | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = ONE_RANGE.exec(header ?? '') ?? []
  if (first === '' && last === '') return 'whole'
  if (first === '') {
    const suffix = Number(last)
    if (suffix === 0 || bytes === 0) return 'unsatisfiable'
    return { start: Math.max(0, bytes - suffix), end: bytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= bytes ? 'unsatisfiable' : { start, end }
}
