import { getJson } from '../session/api.js'
import { el } from '../elements/dom.js'
import { formatBytes } from '../elements/format-units.js'

/** @typedef {{ path: string, bytes: number, sha256?: string, url: string }} File */

const PICTURE = /\.(svg|png|jpe?g|gif|webp)$/i
const MAX_PREVIEW_BYTES = 5_000_000

/**
 * The files that a job has kept: links, and pictures as pictures.
 *
 * @param {string} jobId
 */
export function makeArtifactsCard(jobId) {
  const list = el('div', { class: 'stack' })
  const node = el(
    'section',
    { class: 'card', hidden: true, 'aria-labelledby': 'artifacts-title' },
    el('header', {}, el('h2', { id: 'artifacts-title' }, 'Artifacts')),
    list,
  )
  return {
    node,
    /** @param {AbortSignal} signal */
    async load(signal) {
      const { files, truncated } = await getJson(`/jobs/${jobId}/artifacts`, { signal })
      node.hidden = files.length === 0
      list.replaceChildren(...files.map(describeFile))
      if (truncated) list.append(el('p', { class: 'muted' }, 'There are more files than shown.'))
    },
  }
}

/** @param {File} file */
function describeFile({ path, bytes, sha256, url }) {
  const link = toOwnOrigin(url)
  const name = path.split('/').at(-1) ?? path
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'row' },
      el(
        'a',
        { class: 'mono', href: link, download: name, rel: 'noopener', target: '_blank' },
        path,
      ),
      el('span', { class: 'muted small' }, formatBytes(bytes)),
      sha256 && el('span', { class: 'muted small mono', title: sha256 }, sha256.slice(0, 12)),
    ),
    // As an image an SVG runs no script and loads nothing.
    PICTURE.test(path) &&
      bytes <= MAX_PREVIEW_BYTES &&
      el('img', { class: 'preview', src: link, alt: path, loading: 'lazy' }),
  )
}

/**
 * Links of a service on one machine name 127.0.0.1; a page opened as `localhost`, or through a
 * forwarded port, reaches the same files under its own origin.
 *
 * @param {string} url
 */
function toOwnOrigin(url) {
  const link = new URL(url, location.href)
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(link.hostname)
  return isLocal ? `${link.pathname}${link.search}` : link.href
}
