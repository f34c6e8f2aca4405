import { createServer } from 'node:net'
import { MODEL_HOST } from '../query/model.ts'

/** A port that nobody listens on; several workers on one machine each need one of their own. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, MODEL_HOST, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
