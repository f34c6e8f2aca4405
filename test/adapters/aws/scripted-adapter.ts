import { afterEach } from 'vitest'
import { type Received, type Reply, type ScriptedServer, startScripted } from './scripted-server.ts'

export interface ScriptedAdapter<Adapter, More> {
  /** Opens the adapter in front of a server that answers so. Both are closed after the test. */
  open(
    answer: (request: Received, count: number) => Reply | Promise<Reply>,
    more?: More,
  ): Promise<Adapter>
  /** What the server was sent so far, in order. */
  received(): readonly Received[]
  /** The JSON bodies of that. */
  bodies(): readonly Record<string, unknown>[]
  stopServer(): Promise<void>
}

/** @param make opens the adapter at an endpoint, with what a test asks for besides */
export function scriptedAdapter<Adapter extends { close(): Promise<void> }, More = undefined>(
  make: (endpoint: string, more: More | undefined) => Adapter,
): ScriptedAdapter<Adapter, More> {
  let server: ScriptedServer | undefined
  let adapter: Adapter | undefined
  afterEach(async () => {
    await adapter?.close()
    await server?.stop()
  })
  const received = (): readonly Received[] => server?.received ?? []
  return {
    open: async (answer, more) => {
      server = await startScripted(answer)
      adapter = make(server.endpoint, more)
      return adapter
    },
    received,
    bodies: () => received().map(({ body }) => JSON.parse(String(body))),
    stopServer: async () => server?.stop(),
  }
}
