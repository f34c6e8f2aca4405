import { createHash } from 'node:crypto'

/** What programs/model.mjs answers. */
export function expectedAnswer({ n, bytes }: { n: number; bytes: number }): string {
  const seed = sha256(`answer ${n}`)
  return seed.repeat(Math.ceil(bytes / seed.length)).slice(0, bytes)
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
