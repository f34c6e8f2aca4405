import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../support/wait-for.ts'

export interface RawAnswer {
  readonly status: number
  /** Lower-case names; the last of several wins. */
  readonly headers: Readonly<Record<string, string>>
  /** As it stands, chunk sizes and all. */
  readonly body: string
}

/** A connection on which a client may say anything: `fetch` would tidy it up first. */
export class RawConnection implements AsyncDisposable {
  readonly #socket: Socket
  #received = ''
  #isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
    })
    socket.on('error', () => undefined) // a reset ends it like any other close
    socket.on('close', () => {
      this.#isClosed = true
    })
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port) })
    const connection = new RawConnection(socket)
    await once(socket, 'connect')
    return connection
  }

  get received(): string {
    return this.#received
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Answers false once the other side reads no further. */
  send(bytes: string | Uint8Array): boolean {
    if (this.#isClosed || !this.#socket.writable) return false
    return this.#socket.write(bytes)
  }

  /** Reads no more, as a client that fell asleep, until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async closed(withinMs = 10_000): Promise<void> {
    if (this.#isClosed) return
    // Not by `once`, which takes a reset for a failure: here it is an end like any other.
    const closed = new Promise<'closed'>((done) => {
      this.#socket.once('close', () => done('closed'))
    })
    const late = sleep(withinMs, 'late' as const, { ref: false })
    const what = await Promise.race([closed, late])
    if (what === 'late') throw new Error(`the server kept the connection for ${withinMs} ms`)
  }

  /** The first answer, once its head is there; its body as far as it came until the close. */
  async answer(withinMs = 10_000): Promise<RawAnswer> {
    await waitFor('an answer', () => this.#received.includes('\r\n\r\n'), withinMs)
    return parseAnswer(this.#received)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }
}

/** Sends a request as it stands and answers what came until the connection was closed. */
export async function exchange(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  await using connection = await RawConnection.open(url)
  connection.send(request)
  await connection.closed()
  return parseAnswer(connection.received)
}

/** The lines of a request's head, for a connection that ends with the answer. */
export function toHead(first: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { Host: 'localhost', Connection: 'close', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${[first, ...lines].join('\r\n')}\r\n\r\n`
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: text.slice(end + 4),
  }
}
