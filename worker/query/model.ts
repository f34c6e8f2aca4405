import { connect, createServer } from 'node:net'

/** The model server as the worker sees it, whoever started it. */
export interface Model {
  /** Its port is open. */
  readonly isReady: boolean
  /** Starts in a row that did not open the port in time. */
  readonly failedStarts: number
  /** Why it is not ready. */
  readonly note: string
  /** It took no connection: not ready until its port answers again. */
  doubt(): void
  close(): Promise<void>
}

/** Both the model server and the worker are on one machine, or in one ECS task. */
export const MODEL_HOST = '127.0.0.1'

const TIMEOUT_MS = 1000

export function isPortOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: MODEL_HOST, port, timeout: TIMEOUT_MS })
    const answer = (isOpen: boolean) => (): void => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', answer(true))
    socket.once('timeout', answer(false))
    socket.once('error', answer(false))
  })
}

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
