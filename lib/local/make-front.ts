import { serveConsole } from '../console/serve-console.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

type Handler = (request: Request) => Response | Promise<Response>

export interface FrontParts {
  readonly api: Handler
  /** Answers `/files/…` links. */
  readonly files: Handler
  readonly metrics: PrometheusMetrics
}

/** One address for everything: the API, the console, links to files, and `/metrics`. */
export function makeFront({ api, files, metrics }: FrontParts): Handler {
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/files/')) return files(request)
    if (pathname === '/metrics' && request.method === 'GET') {
      const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }
      return new Response(await metrics.render(), { headers })
    }
    return (await serveConsole(request)) ?? api(request)
  }
}
