import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { END_REASONS } from '../job/reasons.ts'
import { CONSOLE_FOLDER } from '../registry/package-files.ts'
import { SCALING_REASONS } from '../scaling/scaling-reasons.ts'

/** Nothing is loaded from elsewhere; pictures may also come from S3 (links to artifacts). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' https://*.amazonaws.com",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
}

/** Made from the registries, so that page and service cannot differ. */
const REASONS_FILE = 'reasons.json'

/** A plain name, perhaps in a folder: no dot file, nothing that could climb. */
const FILE_NAME = /^(?:[a-z]+\/)?[a-z][a-z0-9-]*\.(html|css|js|svg|json)$/

/**
 * Serves the web page: `/`, `/console` and the files below `/console/`. Needs no token: the page
 * holds no data, it asks the API for them with the token that the reader enters.
 *
 * @returns undefined when the request is for something else
 */
export async function serveConsole(request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  const name = fileName(pathname)
  if (name === undefined) return undefined
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  }
  const type = CONTENT_TYPES[FILE_NAME.exec(name)?.[1] ?? '']
  const body = type === undefined ? undefined : await readPageFile(name)
  if (type === undefined || body === undefined) {
    return new Response('not found\n', { status: 404, headers: { 'content-type': 'text/plain' } })
  }
  return new Response(request.method === 'HEAD' ? null : body, { headers: toHeaders(type) })
}

function fileName(pathname: string): string | undefined {
  if (pathname === '/' || pathname === '/console' || pathname === '/console/') return 'index.html'
  return pathname.startsWith('/console/') ? pathname.slice('/console/'.length) : undefined
}

async function readPageFile(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (name === REASONS_FILE) {
    return new TextEncoder().encode(JSON.stringify({ ...END_REASONS, ...SCALING_REASONS }))
  }
  try {
    return new Uint8Array(await readFile(join(CONSOLE_FOLDER, name)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function toHeaders(type: string): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  }
}
