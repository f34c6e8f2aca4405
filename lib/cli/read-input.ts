import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CliIo, UsageError } from './command.ts'

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws UsageError when it cannot be read
 */
export async function readInput(file: string, io: CliIo): Promise<Buffer> {
  if (file === '-') return readAll(io)
  try {
    return await readFile(resolve(io.cwd, file))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`the input cannot be read: ${why}`)
  }
}

async function readAll({ stdin }: CliIo): Promise<Buffer> {
  if (stdin === undefined) throw new UsageError('there is no standard input to read')
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
