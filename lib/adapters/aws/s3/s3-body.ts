import { Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { PortUnavailable } from '../../../ports/port-unavailable.ts'

type Body = GetObjectCommandOutput['Body']

/**
 * The bytes of an answer. Where they break off, or are not those that S3 has, reading them fails
 * with `PortUnavailable`.
 */
export function readBody(body: Body): Readable {
  const source = checkBody(body)
  const read = Readable.from(passOn(source), { objectMode: false })
  read.once('close', () => source.destroy())
  return read
}

/** Gives up an answer that nobody reads. */
export function dropBody(body: Body): void {
  checkBody(body).destroy()
}

function checkBody(body: Body): Readable {
  if (!(body instanceof Readable)) throw new Error('S3 answered without a body')
  // It may fail before anybody reads it, or after, and an error that nobody hears ends the process.
  body.on('error', () => undefined)
  return body
}

async function* passOn(source: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk as Buffer
  } catch (error) {
    throw new PortUnavailable('files', 'stream', error)
  }
}
