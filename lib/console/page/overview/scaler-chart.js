import { el, svg } from '../elements/dom.js'
import { formatTime } from '../elements/format.js'

/** @typedef {{ fromMs: number, toMs: number, waiting: number | undefined, wanted: number, reason: string }} Stretch */

const HEIGHT = 190
const LEFT = 30
const RIGHT = 8
const TOP = 10
const BOTTOM = 24
const WINDOW_MS = 900_000

/** Waiting jobs (area) against wanted workers (line) over time, as stairs. */
export function makeScalerChart() {
  const drawing = svg('svg', { class: 'chart', role: 'img' })
  const node = el(
    'div',
    {},
    drawing,
    el(
      'div',
      { class: 'row small muted' },
      el('span', { class: 'legend waiting' }, 'waiting jobs'),
      el('span', { class: 'legend' }, 'wanted workers'),
    ),
  )
  return {
    node,
    /** @param {readonly Stretch[]} stretches oldest first */
    update(stretches) {
      const shown = cutToWindow(stretches)
      // Drawn as wide as it stands, so that its text keeps its size on every screen.
      const scale = makeScale(shown, Math.max(node.clientWidth, 260))
      drawing.setAttribute('viewBox', `0 0 ${scale.width} ${HEIGHT}`)
      drawing.setAttribute('aria-label', describe(shown))
      drawing.replaceChildren(
        ...drawAxes(scale),
        svg('path', { class: 'waiting', d: areaPath(shown, scale) }),
        svg('path', { class: 'workers', d: stairsPath(shown, scale, (each) => each.wanted) }),
      )
    },
  }
}

/** @typedef {ReturnType<typeof makeScale>} Scale */

/** The last quarter of an hour. @param {readonly Stretch[]} stretches */
function cutToWindow(stretches) {
  const fromMs = (stretches.at(-1)?.toMs ?? 0) - WINDOW_MS
  return stretches
    .filter(({ toMs }) => toMs > fromMs)
    .map((each) => ({ ...each, fromMs: Math.max(each.fromMs, fromMs) }))
}

/**
 * @param {readonly Stretch[]} stretches
 * @param {number} width
 */
function makeScale(stretches, width) {
  const values = stretches.flatMap(({ waiting, wanted }) => [waiting ?? 0, wanted])
  const top = niceTop(Math.max(...values, 1))
  const fromMs = stretches[0]?.fromMs ?? 0
  const toMs = Math.max(stretches.at(-1)?.toMs ?? 1, fromMs + 1)
  return {
    width,
    top,
    fromMs,
    toMs,
    /** @param {number} ms */
    x: (ms) => round(LEFT + ((ms - fromMs) / (toMs - fromMs)) * (width - LEFT - RIGHT)),
    /** @param {number} value */
    y: (value) => round(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM)),
  }
}

/** The next of 2, 4, 6, 8, 10, 20, 40, …: its half is a whole number too. @param {number} value */
function niceTop(value) {
  let step = 1
  for (;;) {
    for (const factor of [2, 4, 6, 8, 10]) if (value <= step * factor) return step * factor
    step *= 10
  }
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10
}

/** @param {Scale} scale */
function drawAxes({ width, top, fromMs, toMs, x, y }) {
  const lines = [0, top / 2, top].flatMap((value) => [
    svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
    svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, value),
  ])
  const times = [
    { ms: fromMs, anchor: 'start' },
    { ms: (fromMs + toMs) / 2, anchor: 'middle' },
    { ms: toMs, anchor: 'end' },
  ].map(({ ms, anchor }) =>
    svg(
      'text',
      { x: x(ms), y: HEIGHT - 6, 'text-anchor': anchor },
      formatTime(new Date(ms).toISOString()),
    ),
  )
  return [...lines, ...times]
}

/**
 * @param {readonly Stretch[]} stretches
 * @param {Scale} scale
 * @param {(stretch: Stretch) => number} value
 */
function stairsPath(stretches, { x, y }, value) {
  return stretches
    .map((each, index) => {
      const at = y(value(each))
      return `${index === 0 ? 'M' : 'L'}${x(each.fromMs)} ${at}L${x(each.toMs)} ${at}`
    })
    .join('')
}

/**
 * @param {readonly Stretch[]} stretches
 * @param {Scale} scale
 */
function areaPath(stretches, scale) {
  const stairs = stairsPath(stretches, scale, ({ waiting }) => waiting ?? 0)
  if (stairs === '') return ''
  return `${stairs}L${scale.x(scale.toMs)} ${scale.y(0)}L${scale.x(scale.fromMs)} ${scale.y(0)}Z`
}

/** @param {readonly Stretch[]} stretches */
function describe(stretches) {
  const last = stretches.at(-1)
  if (last === undefined) return 'No decisions yet'
  const most = Math.max(...stretches.map(({ wanted }) => wanted))
  return `Waiting jobs and wanted workers: now ${last.waiting ?? 'unknown'} waiting and ${last.wanted} wanted; at most ${most} wanted`
}
