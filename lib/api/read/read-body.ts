import { ServiceError } from '../../registry/errors.ts'
import type { Clock } from '../../ports/clock.ts'

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
