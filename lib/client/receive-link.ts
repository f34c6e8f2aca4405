import { ApiError } from './api-error.ts'
import { type Connection, toLink } from './call-api.ts'

/** Longest silence of the sender. */
const SILENCE_MS = 30_000

export interface LinkedFile {
  readonly headers: Headers
  /** Piece by piece; fails once nothing has come for 30 s. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Opens a download link. No token is sent: the link itself is the permission, and S3 refuses a
 * request that brings both.
 *
 * @throws ApiError `unreachable`, `timed-out`, `bad-download`; so does reading the body
 */
export async function receiveLink(
  { url: baseUrl, fetch: get = fetch }: Connection,
  link: string,
  signal?: AbortSignal,
): Promise<LinkedFile> {
  const url = toLink(baseUrl, link)
  const silence = watchSilence()
  const stop = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal])
  const toError = (error: unknown): unknown => {
    if (error instanceof ApiError || signal?.aborted === true) return error
    const what = silence.signal.aborted ? `sent nothing for ${SILENCE_MS / 1000} s` : 'broke off'
    const code = silence.signal.aborted ? 'timed-out' : 'unreachable'
    return new ApiError(code, `the download from ${url.origin} ${what}`, { cause: error })
  }
  try {
    const response = await get(url, { signal: stop })
    if (!response.ok || response.body === null) {
      throw new ApiError('bad-download', `the link of the file answered HTTP ${response.status}`)
    }
    silence.rest()
    return { headers: response.headers, body: readBody(response.body, silence, toError) }
  } catch (error) {
    silence.rest()
    throw toError(error)
  }
}

/** The same, with the whole of the body. */
export async function receiveWhole(...args: Parameters<typeof receiveLink>) {
  const { headers, body } = await receiveLink(...args)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { headers, body: Buffer.concat(chunks) }
}

async function* readBody(
  body: AsyncIterable<Uint8Array>,
  silence: ReturnType<typeof watchSilence>,
  toError: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  silence.watch()
  try {
    for await (const chunk of body) {
      // The time that the reader takes with a piece is not the sender's.
      silence.rest()
      yield chunk
      silence.watch()
    }
  } catch (error) {
    throw toError(error)
  } finally {
    silence.rest()
  }
}

function watchSilence() {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const rest = () => clearTimeout(timer)
  const watch = () => {
    rest()
    timer = setTimeout(() => controller.abort(), SILENCE_MS)
  }
  watch()
  return { signal: controller.signal, watch, rest }
}
