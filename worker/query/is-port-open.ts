import { connect } from 'node:net'
import { MODEL_HOST } from './model.ts'

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
