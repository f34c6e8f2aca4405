import { expect, test } from 'vitest'
import { readBody } from '../../lib/api/read/read-body.ts'
import { clockFromNoon } from './an-api.ts'

test('a body that grows too large is read no further, and its sender learns it', async () => {
  const pieces = ['12345678', '9', 'never asked for']
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => controller.enqueue(Buffer.from(pieces.shift() ?? 'endless')),
      cancel,
    },
    { highWaterMark: 0 },
  )
  const request = new Request('http://localhost/jobs', { method: 'POST', body, duplex: 'half' })
  await expect(readBody(request, 8, clockFromNoon())).rejects.toMatchObject({
    code: 'payload-too-large',
  })
  await cancelled
  expect(pieces).toEqual(['never asked for'])
})
