/** How spans and sizes are shown, on the page and on the command line. */

const UNITS = /** @type {const} */ ([
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
])

/**
 * The two largest units: `3 s`, `4 min 10 s`, `2 h 5 min`.
 *
 * @param {number} seconds
 */
export function formatSpan(seconds) {
  let left = Math.max(0, Math.round(seconds))
  const shown = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) shown.push(`${count} ${unit}`)
    else if (shown.length > 0) break
    if (shown.length === 2) break
  }
  return shown.length === 0 ? '0 s' : shown.join(' ')
}

/**
 * `12 B`, `3.4 KiB`, `1.2 GiB`.
 *
 * @param {number} bytes
 */
export function formatBytes(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
