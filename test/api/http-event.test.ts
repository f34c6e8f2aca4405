import { describe, expect, test } from 'vitest'
import { answerEvent } from '../../lib/api/event/answer-event.ts'
import { type HttpEvent, toRequest, toResult } from '../../lib/api/event/http-event.ts'

function anEvent(more: Partial<HttpEvent> = {}, method = 'GET'): HttpEvent {
  return {
    rawPath: '/jobs',
    requestContext: { domainName: 'api.test', http: { method } },
    ...more,
  }
}

describe('a request of an HTTP API', () => {
  test.each([
    ['/jobs/1/artifacts', '/jobs/1/artifacts'],
    ['/a b', '/a%20b'],
    ['/a%20b', '/a%20b'],
    ['/a?b#c', '/a%3Fb%23c'],
    ['/a%2Fb', '/a%2Fb'],
    ['/100%', '/100%25'],
    ['/a\\b', '/a%5Cb'],
    ['/ü', '/%C3%BC'],
    ['/jobs/', '/jobs/'],
  ])('has the path %s as %s', (rawPath, pathname) => {
    expect(new URL(toRequest(anEvent({ rawPath })).url).pathname).toBe(pathname)
  })

  test('keeps its query string as it was sent', () => {
    const { url } = toRequest(anEvent({ rawQueryString: 'a=1+2&a=%2F&b' }))
    expect(new URL(url).search).toBe('?a=1+2&a=%2F&b')
  })

  test('gives the bytes of its body, and their true length', async () => {
    const bytes = Buffer.from([0, 255, 10, 13])
    const headers = { 'content-length': '8' }
    const body = bytes.toString('base64')
    const request = toRequest(anEvent({ body, headers, isBase64Encoded: true }, 'POST'))
    expect(Buffer.from(await request.arrayBuffer())).toEqual(bytes)
    expect(request.headers.get('content-length')).toBe('4')
  })

  test('gives its cookies as one header', () => {
    expect(toRequest(anEvent({ cookies: ['a=1', 'b=2'] })).headers.get('cookie')).toBe('a=1; b=2')
  })

  test('that no HTTP client can have sent is refused', () => {
    expect(() => toRequest(anEvent({ headers: { 'x-y': 'line\nbreak' } }))).toThrow(TypeError)
    expect(() => toRequest(anEvent({}, 'BAD METHOD'))).toThrow(TypeError)
  })
})

test('an answer keeps its bytes, whatever its content type says', async () => {
  const bytes = Uint8Array.from([0x66, 0xfc, 0x72, 0])
  const headers = { 'content-type': 'text/plain; charset=latin1', 'x-request-id': '1' }
  const result = await toResult(new Response(bytes, { status: 206, headers }))
  expect(result).toMatchObject({ statusCode: 206, isBase64Encoded: true, headers })
  expect(Buffer.from(result.body, 'base64')).toEqual(Buffer.from(bytes))
})

test('an answer whose bytes break off on the way is a 503 that may be asked for again', async () => {
  const broken = new ReadableStream({ start: (stream) => stream.error(new Error('reset')) })
  const headers = { 'content-length': '1000', 'x-request-id': 'r1' }
  const fetch = () => new Response(broken, { headers })
  const tokens = { prepare: () => Promise.reject(new Error('there is no secret here')) }
  const result = await answerEvent({ fetch, tokens }, anEvent())
  expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } })
  expect(JSON.parse(Buffer.from(result.body, 'base64').toString())).toMatchObject({
    error: { code: 'service-unavailable', requestId: 'r1' },
  })
})
