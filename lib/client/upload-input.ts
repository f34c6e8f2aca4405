import type { UploadAnswer } from './answers.ts'
import { ApiError } from './api-error.ts'
import { type Connection, toLink } from './call-api.ts'

const UPLOAD_TIMEOUT_MS = 600_000

/**
 * Puts an input where `POST /uploads` said.
 *
 * @throws ApiError `payload-too-large`, `timed-out`, `unreachable`, `bad-answer`
 */
export async function uploadInput(
  { url: baseUrl, fetch: put = fetch }: Connection,
  { uploadUrl, maxBytes }: UploadAnswer,
  bytes: Uint8Array,
): Promise<void> {
  if (bytes.byteLength > maxBytes) {
    const what = `the input has ${bytes.byteLength} bytes; at most ${maxBytes} are taken`
    throw new ApiError('payload-too-large', what, { fix: 'make the input smaller' })
  }
  const url = toLink(baseUrl, uploadUrl)
  const signal = AbortSignal.timeout(UPLOAD_TIMEOUT_MS)
  const body = bytes as Uint8Array<ArrayBuffer>
  const response = await put(url, { method: 'PUT', body, signal }).catch((error: unknown) => {
    const code = signal.aborted ? 'timed-out' : 'unreachable'
    throw new ApiError(code, `the upload to ${url.origin} broke off`, { cause: error })
  })
  await response.body?.cancel()
  if (!response.ok) {
    throw new ApiError('bad-answer', `the upload was answered with HTTP ${response.status}`)
  }
}
