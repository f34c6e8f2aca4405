import { ServiceError } from '../../lib/core/errors.ts'

/**
 * The body, read no further than its bound: an announced length above it is refused unread, and a
 * body that turns out longer is let go in the middle.
 *
 * @throws ServiceError `payload-too-large`, or `invalid-request` when the body breaks off
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > maxBytes) throw tooLarge(`${announced} bytes`, maxBytes)
  if (request.body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of readChunks(request.body)) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw brokenOff(error)
      })
      if (done) return
      yield value
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

function brokenOff(cause: unknown): ServiceError {
  return new ServiceError('invalid-request', 'the body broke off before its end', {
    details: [{ path: 'body', problem: 'broke off before its end' }],
    cause,
  })
}
