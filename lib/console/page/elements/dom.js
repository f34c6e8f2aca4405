/** The only way in which this page makes elements: all text becomes text nodes, never markup. */

const SVG = 'http://www.w3.org/2000/svg'

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | undefined | ((event: any) => void)>} Props */

/**
 * @param {string} tag
 * @param {Props} [props] attributes; `on…` are listeners; undefined and false are left out
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children)
}

/**
 * The same for parts of a drawing.
 *
 * @param {string} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children)
}

/**
 * @template {Element} T
 * @param {T} node
 * @param {Props} props
 * @param {Child[]} children
 * @returns {T}
 */
function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : `${value}`)
  }
  node.append(...children.filter((child) => child || child === 0).map((child) => toNode(child)))
  return node
}

/** @param {Child} child */
function toNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child))
}

/**
 * Sets a node's text only when it differs, so that a reader's selection survives a refresh.
 *
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/**
 * Brings the children of `parent` in line with `items`: one node per key, kept and updated as long
 * as its item stays, so that focus and selection survive a refresh.
 *
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {{ key: (item: T) => string, make: (item: T) => { node: Element, update: (item: T) => void } }} how
 */
export function syncList(parent, items, { key, make }) {
  const known = lists.get(parent) ?? new Map()
  const next = new Map()
  for (const item of items) {
    const id = key(item)
    const entry = known.get(id) ?? make(item)
    entry.update(item)
    next.set(id, entry)
  }
  for (const [id, entry] of known) if (!next.has(id)) entry.node.remove()
  let at = parent.firstElementChild
  for (const { node } of next.values()) {
    if (node === at) at = node.nextElementSibling
    else parent.insertBefore(node, at)
  }
  lists.set(parent, next)
}

/** @type {WeakMap<Element, Map<string, { node: Element, update: (item: any) => void }>>} */
const lists = new WeakMap()
