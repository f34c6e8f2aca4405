import { el, svg } from './dom.js'
import { formatTime } from './format.js'

/** @typedef {{ fromMs: number, toMs: number, waiting: number | undefined, wanted: number, reason: string }} Stretch */

const WIDTH = 640
const HEIGHT = 190
const LEFT = 30
const RIGHT = 8
const TOP = 10
const BOTTOM = 24

/** Waiting jobs (area) against wanted workers (line) over time, as stairs. */
export function makeScalerChart() {
  const drawing = svg('svg', { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' })
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
      const scale = makeScale(stretches)
      drawing.setAttribute('aria-label', describe(stretches))
      drawing.replaceChildren(
        ...drawAxes(scale),
        svg('path', { class: 'waiting', d: areaPath(stretches, scale) }),
        svg('path', { class: 'workers', d: stairsPath(stretches, scale, (each) => each.wanted) }),
      )
    },
  }
}

/** @typedef {ReturnType<typeof makeScale>} Scale */

/** @param {readonly Stretch[]} stretches */
function makeScale(stretches) {
  const values = stretches.flatMap(({ waiting, wanted }) => [waiting ?? 0, wanted])
  const top = niceTop(Math.max(...values, 1))
  const fromMs = stretches[0]?.fromMs ?? 0
  const toMs = Math.max(stretches.at(-1)?.toMs ?? 1, fromMs + 1)
  return {
    top,
    fromMs,
    toMs,
    /** @param {number} ms */
    x: (ms) => round(LEFT + ((ms - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - RIGHT)),
    /** @param {number} value */
    y: (value) => round(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM)),
  }
}

/** The next of 2, 4, 10, 20, 40, 100, …: its half is a whole number too. @param {number} value */
function niceTop(value) {
  let step = 1
  for (;;) {
    for (const factor of [2, 4, 10]) if (value <= step * factor) return step * factor
    step *= 10
  }
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10
}

/** @param {Scale} scale */
function drawAxes({ top, fromMs, toMs, x, y }) {
  const lines = [0, top / 2, top].flatMap((value) => [
    svg('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
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
