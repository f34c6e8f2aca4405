import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { serveFileLink } from '../../../lib/adapters/folder/serve-file-link.ts'
import type { Clock } from '../../../lib/ports/clock.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { openTemporary, type TemporaryStores } from '../sqlite/open-temporary.ts'

export const LINK_SECRET = 'the secret of these links'

/** The embedded stores, with a real HTTP server for their links. */
export async function openWithLinks(clock: Clock = systemClock): Promise<TemporaryStores> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const links = { baseUrl: `http://127.0.0.1:${port}`, secret: LINK_SECRET }
  const stores = await openTemporary({ clock, links })
  const serving = {
    files: stores.files,
    clock,
    secret: LINK_SECRET,
    uploadDir: join(stores.stateDir, 'uploads'),
    newId: randomUUID,
  }
  const answer = getRequestListener((request) => serveFileLink(serving, request))
  server.on('request', (request, response) => void answer(request, response))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
    await stores.close()
  }
  return { ...stores, close }
}
