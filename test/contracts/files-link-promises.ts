import { expect } from 'vitest'
import type { Files } from '../../lib/ports/files.ts'
import { waitFor } from '../support/wait-for.ts'
import { uniqueName } from './define-contract.ts'

const CALL_MS = 10_000

function call(url: string, request: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...request, signal: AbortSignal.timeout(CALL_MS) })
}

/** Whether an answer refuses, whichever code a store uses for it. */
const isRefusal = ({ status }: Response): boolean => status >= 400 && status < 500

const ODD_KEY = (): string => `${uniqueName('links')}/with space/100% #1 + 東京 🚂.txt`

export const FILE_LINK_PROMISES = {
  'a download link brings the file without a token': async (files: Files) => {
    const key = ODD_KEY()
    await files.put({ key, body: 'for everybody', contentType: 'text/plain' })
    const answer = await call(await files.downloadLink(key, 60))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(await answer.text()).toBe('for everybody')
  },

  'a download link brings a range': async (files: Files) => {
    const key = ODD_KEY()
    await files.put({ key, body: '0123456789' })
    const headers = { range: 'bytes=2-4' }
    const answer = await call(await files.downloadLink(key, 60), { headers })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe('bytes 2-4/10')
    expect(await answer.text()).toBe('234')
  },

  'a download link of an absent file answers 404': async (files: Files) => {
    const answer = await call(await files.downloadLink(ODD_KEY(), 60))
    expect(answer.status).toBe(404)
  },

  'an upload link takes a PUT of the file without a token': async (files: Files) => {
    const key = ODD_KEY()
    const link = await files.uploadLink(key, 60, 1_000)
    const answer = await call(link, { method: 'PUT', body: 'from outside' })
    expect(answer.status).toBe(200)
    expect((await files.read(key, 1_000))?.toString()).toBe('from outside')
  },

  'an upload link refuses a file with more than its bytes': async (files: Files) => {
    const key = ODD_KEY()
    const link = await files.uploadLink(key, 60, 10)
    const answer = await call(link, { method: 'PUT', body: '01234567890' })
    expect(isRefusal(answer)).toBe(true)
    expect(await files.info(key)).toBeUndefined()
  },

  'a link serves its own method only': async (files: Files) => {
    const key = ODD_KEY()
    await files.put({ key, body: 'stays' })
    const download = await files.downloadLink(key, 60)
    expect(isRefusal(await call(download, { method: 'PUT', body: 'replaced' }))).toBe(true)
    expect(isRefusal(await call(download, { method: 'DELETE' }))).toBe(true)
    expect(isRefusal(await call(await files.uploadLink(key, 60, 1_000)))).toBe(true)
    expect((await files.read(key, 1_000))?.toString()).toBe('stays')
  },

  'a link serves its own file only': async (files: Files) => {
    const [key, other] = [`${uniqueName('own')}/file`, `${uniqueName('other')}/file`]
    await files.put({ key, body: 'mine' })
    await files.put({ key: other, body: 'not mine' })
    const link = await files.downloadLink(key, 60)
    expect(isRefusal(await call(link.replace(key, other)))).toBe(true)
  },

  'a link ends after its time': async (files: Files) => {
    const key = ODD_KEY()
    await files.put({ key, body: 'not for long' })
    const link = await files.downloadLink(key, 1)
    await waitFor('the end of the link', async () => isRefusal(await call(link)))
  },
}
