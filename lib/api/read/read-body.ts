import { parseJson } from '../../parsing/parse-json.ts'
import { ServiceError } from '../../registry/errors.ts'
import type { Clock } from '../../ports/clock.ts'

/**
 * JSON text of a body, whatever its Content-Type says: `curl -d` sends another one.
 *
 * @throws ServiceError `invalid-json`
 */
export function readJson(body: Uint8Array): unknown {
  return parseJson(decodeUtf8(body))
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new ServiceError('invalid-json', 'the body is not UTF-8', {
      details: [{ path: 'body', problem: 'is not UTF-8', allowed: 'JSON in UTF-8' }],
    })
  }
}

/** From the head to the end of a body. One that trickles must not hold its place for long. */
const BODY_MS = 60_000

/**
 * The body, read no further than its bound: an announced length above it is refused unread, and a
 * body that turns out longer is let go in the middle.
 *
 * @throws ServiceError `payload-too-large`, or `invalid-request` when the body breaks off or is not
 *   there within a minute
 */
export async function readBody(request: Request, maxBytes: number, clock: Clock): Promise<Buffer> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > maxBytes) throw tooLarge(`${announced} bytes`, maxBytes)
  if (request.body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let bytes = 0
  const there = new AbortController()
  const late = clock.sleep(BODY_MS, there.signal)
  try {
    for await (const chunk of readChunks(request.body, late)) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`, maxBytes)
      chunks.push(chunk)
    }
  } finally {
    there.abort()
  }
  return Buffer.concat(chunks)
}

async function* readChunks(
  body: ReadableStream<Uint8Array>,
  late: Promise<void>,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  const tooLate = late.then(() => undefined)
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), tooLate]).catch((error: unknown) => {
        throw brokenOff(error)
      })
      if (read === undefined) throw tooSlow()
      if (read.done) return
      yield read.value
    }
  } finally {
    // Also when the reader above has thrown: the sender learns that nobody listens.
    await reader.cancel().catch(() => undefined)
  }
}

function tooLarge(got: string, maxBytes: number): ServiceError {
  return new ServiceError('payload-too-large', `the body has ${got}; ${maxBytes} are allowed`, {
    details: [{ path: 'body', problem: 'is too large', got, allowed: `at most ${maxBytes} bytes` }],
  })
}

function tooSlow(): ServiceError {
  const allowed = `within ${BODY_MS / 1000} s`
  return new ServiceError('invalid-request', `the body did not arrive ${allowed}`, {
    details: [{ path: 'body', problem: 'came too slowly', allowed }],
  })
}

function brokenOff(cause: unknown): ServiceError {
  return new ServiceError('invalid-request', 'the body broke off before its end', {
    details: [{ path: 'body', problem: 'broke off before its end' }],
    cause,
  })
}

/** A caller on a usual line has sent what the API takes by then. */
const DISCARD_MS = 2_000

/**
 * Reads a body to its end, keeping nothing of it: a connection that is closed while its caller still
 * sends loses the answer on the way.
 */
export async function discardBody({ body }: Request, clock: Clock): Promise<void> {
  if (body === null) return
  const enough = new AbortController()
  const late = clock.sleep(DISCARD_MS, enough.signal).then(() => ({ done: true }))
  const reader = body.getReader()
  try {
    for (let done = false; !done;) ({ done } = await Promise.race([reader.read(), late]))
  } catch {
    return // The caller has gone.
  } finally {
    enough.abort()
    await reader.cancel().catch(() => undefined)
  }
}
