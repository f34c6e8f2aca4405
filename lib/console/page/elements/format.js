/** How times are shown. */
import { formatSpan } from './format-units.js'

/**
 * @param {string | undefined} from
 * @param {string} [to] now where absent
 */
export function formatBetween(from, to) {
  if (from === undefined) return '–'
  const end = to === undefined ? Date.now() : Date.parse(to)
  return formatSpan((end - Date.parse(from)) / 1000)
}

/** @param {string | undefined} at */
export function formatTime(at) {
  if (at === undefined) return '–'
  const date = new Date(at)
  const time = date.toLocaleTimeString(undefined, { hour12: false })
  const today = date.toDateString() === new Date().toDateString()
  return today ? time : `${date.toLocaleDateString()} ${time}`
}
