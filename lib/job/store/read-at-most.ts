import type { Files } from '../../ports/files.ts'

/**
 * A file that may have been written over by somebody else: more than `maxBytes` is an answer then,
 * and no misuse.
 *
 * @returns nothing where it is absent
 * @throws PortUnavailable
 */
export async function readAtMost(
  files: Pick<Files, 'read'>,
  key: string,
  maxBytes: number,
): Promise<Buffer | 'too-large' | undefined> {
  try {
    return await files.read(key, maxBytes)
  } catch (error) {
    if (error instanceof RangeError) return 'too-large'
    throw error
  }
}
